# A topic for each collection, its way into BigQuery, and what becomes of messages that no table takes.
resource "google_pubsub_topic" "records" {
  for_each                   = toset(var.collections)
  name                       = "hospital-${each.value}"
  kms_key_name               = local.key
  message_retention_duration = "604800s"
  message_storage_policy {
    allowed_persistence_regions = [var.region]
    enforce_in_transit          = true
  }
  depends_on = [google_project_service.needed]
}

resource "google_pubsub_topic" "dead" {
  for_each     = toset(var.collections)
  name         = "hospital-${each.value}-dead"
  kms_key_name = local.key
  message_storage_policy {
    allowed_persistence_regions = [var.region]
    enforce_in_transit          = true
  }
  depends_on = [google_project_service.needed]
}

# Without it a dead letter would be lost at once.
resource "google_pubsub_subscription" "dead" {
  for_each                   = google_pubsub_topic.dead
  name                       = each.value.name
  topic                      = each.value.id
  message_retention_duration = "2678400s"
  expiration_policy {
    ttl = ""
  }
}

resource "google_pubsub_topic_iam_member" "producer" {
  for_each = google_pubsub_topic.records
  topic    = each.value.name
  role     = "roles/pubsub.publisher"
  member   = google_service_account.producer.member
}

resource "google_pubsub_topic_iam_member" "dead" {
  for_each = google_pubsub_topic.dead
  topic    = each.value.name
  role     = "roles/pubsub.publisher"
  member   = local.pubsub
}

resource "google_pubsub_subscription_iam_member" "dead" {
  for_each     = google_pubsub_subscription.table
  subscription = each.value.name
  role         = "roles/pubsub.subscriber"
  member       = local.pubsub
}

# Way A. Tables need rights to be written before the subscription is made.
resource "google_pubsub_subscription" "table" {
  for_each                   = { for name, topic in google_pubsub_topic.records : name => topic if !local.is_log }
  name                       = "${each.value.name}-bigquery"
  topic                      = each.value.id
  message_retention_duration = "604800s"
  bigquery_config {
    table                 = "${local.dataset}.${google_bigquery_table.records[each.key].table_id}"
    use_table_schema      = true
    drop_unknown_fields   = false
    service_account_email = google_service_account.writer.email
  }
  dead_letter_policy {
    dead_letter_topic     = google_pubsub_topic.dead[each.key].id
    max_delivery_attempts = 20
  }
  expiration_policy {
    ttl = ""
  }
  depends_on = [google_bigquery_dataset_iam_member.writer, google_service_account_iam_member.writer, google_pubsub_topic_iam_member.dead]
}

resource "google_service_account_iam_member" "writer" {
  service_account_id = google_service_account.writer.name
  role               = "roles/iam.serviceAccountTokenCreator"
  member             = local.pubsub
}

# Way B reads from a subscription of its own.
resource "google_pubsub_subscription" "log" {
  for_each                   = { for name, topic in google_pubsub_topic.records : name => topic if local.is_log }
  name                       = "${each.value.name}-dataflow"
  topic                      = each.value.id
  message_retention_duration = "604800s"
  ack_deadline_seconds       = 60
  expiration_policy {
    ttl = ""
  }
}
