# The service and the producer on Cloud Run.
resource "google_cloud_run_v2_service" "service" {
  count               = local.is_run ? 1 : 0
  name                = "hospital-service"
  location            = var.region
  ingress             = "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER"
  deletion_protection = true
  # Callers show an API key of the contract, not a Google identity; who reaches it at all is decided by ingress.
  invoker_iam_disabled = true
  template {
    service_account                  = google_service_account.service.email
    timeout                          = "300s"
    max_instance_request_concurrency = 80
    encryption_key                   = local.key
    scaling {
      min_instance_count = 1
      max_instance_count = 4
    }
    vpc_access {
      egress = "PRIVATE_RANGES_ONLY"
      network_interfaces {
        network    = google_compute_network.hospital.id
        subnetwork = google_compute_subnetwork.hospital.id
      }
    }
    containers {
      image = var.image
      ports {
        container_port = 8080
      }
      resources {
        limits   = { cpu = "2", memory = "1Gi" }
        cpu_idle = false
      }
      env {
        name  = "NODE_ENV"
        value = "production"
      }
      env {
        name  = "SECRET_MANAGER_PROJECT"
        value = var.project
      }
      env {
        name  = "COLLECTIONS"
        value = join(",", var.collections)
      }
      env {
        name  = "API_KEYS_ROTATION_SUBSCRIPTION"
        value = google_pubsub_subscription.rotation.id
      }
      env {
        name  = "TRACE_PROJECT"
        value = var.project
      }
      # The load balancer and Google's front end each add an address.
      env {
        name  = "TRUST_PROXY"
        value = "2"
      }
      env {
        name = "DATABASE_URL"
        value_source {
          secret_key_ref {
            secret  = google_secret_manager_secret.database_url.secret_id
            version = "1"
          }
        }
      }
      startup_probe {
        period_seconds    = 5
        timeout_seconds   = 3
        failure_threshold = 24
        http_get {
          path = "/health/live"
        }
      }
      liveness_probe {
        period_seconds  = 30
        timeout_seconds = 5
        http_get {
          path = "/health/live"
        }
      }
    }
  }
  depends_on = [google_secret_manager_secret_iam_member.database_url, google_secret_manager_secret_iam_member.service, google_pubsub_subscription_iam_member.rotation_reader]
}

resource "google_cloud_run_v2_job" "producer" {
  name                = "hospital-producer"
  location            = var.region
  deletion_protection = true
  template {
    parallelism = 1
    task_count  = 1
    template {
      service_account = google_service_account.producer.email
      encryption_key  = local.key
      max_retries     = 1
      timeout         = "3600s"
      vpc_access {
        egress = "ALL_TRAFFIC"
        network_interfaces {
          network    = google_compute_network.hospital.id
          subnetwork = google_compute_subnetwork.hospital.id
        }
      }
      containers {
        image = var.image
        # A run that finds another at work ends well, so that a run that fails tells of a fault.
        args = ["dist/commands/hospital-api.js", "produce", "--once", "--unless-running"]
        resources {
          limits = { cpu = "1", memory = "1Gi" }
        }
        env {
          name  = "NODE_ENV"
          value = "production"
        }
        env {
          name  = "SERVICE_URL"
          value = local.service_url
        }
        env {
          name  = "SECRET_MANAGER_PROJECT"
          value = var.project
        }
        env {
          name  = "PUBSUB_PROJECT"
          value = var.project
        }
        env {
          name  = "CHECKPOINT"
          value = "gs://${google_storage_bucket.checkpoints.name}/producer.json"
        }
      }
    }
  }
  depends_on = [google_secret_manager_secret_iam_member.producer]
}

resource "google_storage_bucket" "checkpoints" {
  name                        = "${var.project}-hospital-producer"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  dynamic "encryption" {
    for_each = local.key[*]
    content {
      default_kms_key_name = encryption.value
    }
  }
  versioning {
    enabled = true
  }
}

resource "google_storage_bucket_iam_member" "checkpoints" {
  bucket = google_storage_bucket.checkpoints.name
  role   = "roles/storage.objectUser"
  member = google_service_account.producer.member
}

resource "google_cloud_run_v2_job_iam_member" "scheduler" {
  name     = google_cloud_run_v2_job.producer.name
  location = var.region
  role     = "roles/run.invoker"
  member   = google_service_account.scheduler.member
}

resource "google_cloud_scheduler_job" "producer" {
  name             = "hospital-producer"
  region           = var.region
  schedule         = var.producer_schedule
  time_zone        = "Etc/UTC"
  attempt_deadline = "60s"
  http_target {
    http_method = "POST"
    uri         = "https://run.googleapis.com/v2/projects/${var.project}/locations/${var.region}/jobs/${google_cloud_run_v2_job.producer.name}:run"
    oauth_token {
      service_account_email = google_service_account.scheduler.email
    }
  }
}
