# Keys of the collections, the topic that tells of their rotation, and who may read which.

# Secret Manager checks that it may publish when a secret names a topic, so its grant comes first.
resource "google_project_service_identity" "secret_manager" {
  provider   = google-beta
  service    = "secretmanager.googleapis.com"
  depends_on = [google_project_service.needed]
}

resource "google_pubsub_topic" "rotation" {
  name         = "hospital-key-rotation"
  kms_key_name = local.key
  message_storage_policy {
    allowed_persistence_regions = [var.region]
  }
  depends_on = [google_project_service.needed]
}

resource "google_pubsub_topic_iam_member" "rotation_publisher" {
  topic  = google_pubsub_topic.rotation.name
  role   = "roles/pubsub.publisher"
  member = google_project_service_identity.secret_manager.member
}

resource "google_pubsub_subscription" "rotation" {
  name  = "hospital-key-rotation"
  topic = google_pubsub_topic.rotation.id
  expiration_policy {
    ttl = ""
  }
}

resource "google_pubsub_subscription_iam_member" "rotation_reader" {
  subscription = google_pubsub_subscription.rotation.name
  role         = "roles/pubsub.subscriber"
  member       = google_service_account.service.member
}

# Without a value: npm run keys -- generate writes one, so that no key is ever in the state.
resource "google_secret_manager_secret" "key" {
  for_each  = toset(var.collections)
  secret_id = "${each.value}_api_key"
  replication {
    user_managed {
      replicas {
        location = var.region
        dynamic "customer_managed_encryption" {
          for_each = local.key[*]
          content {
            kms_key_name = customer_managed_encryption.value
          }
        }
      }
    }
  }
  topics {
    name = google_pubsub_topic.rotation.id
  }
  rotation {
    next_rotation_time = var.first_rotation
    rotation_period    = "${var.rotation_days * 86400}s"
  }
  version_destroy_ttl = "604800s"
  deletion_protection = true
  lifecycle {
    ignore_changes = [rotation[0].next_rotation_time]
  }
  depends_on = [google_pubsub_topic_iam_member.rotation_publisher]
}

resource "google_secret_manager_secret" "database_url" {
  secret_id = "hospital_database_url"
  replication {
    user_managed {
      replicas {
        location = var.region
        dynamic "customer_managed_encryption" {
          for_each = local.key[*]
          content {
            kms_key_name = customer_managed_encryption.value
          }
        }
      }
    }
  }
  deletion_protection = true
  depends_on          = [google_project_service.needed]
}

resource "google_secret_manager_secret_iam_member" "service" {
  for_each  = google_secret_manager_secret.key
  secret_id = each.value.secret_id
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.service.member
}

# The service looks for new versions by their metadata, which shows no value.
resource "google_secret_manager_secret_iam_member" "service_versions" {
  for_each  = google_secret_manager_secret.key
  secret_id = each.value.secret_id
  role      = "roles/secretmanager.viewer"
  member    = google_service_account.service.member
}

resource "google_secret_manager_secret_iam_member" "producer" {
  for_each  = google_secret_manager_secret.key
  secret_id = each.value.secret_id
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.producer.member
}

resource "google_secret_manager_secret_iam_member" "database_url" {
  secret_id = google_secret_manager_secret.database_url.secret_id
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.service.member
}
