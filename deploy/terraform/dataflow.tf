# Way B: Google's template appends every message to the log.
resource "google_storage_bucket" "dataflow" {
  count                       = local.is_log ? 1 : 0
  name                        = "${var.project}-hospital-dataflow"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  dynamic "encryption" {
    for_each = local.key[*]
    content {
      default_kms_key_name = encryption.value
    }
  }
}

# What the log does not take is kept whole and untagged, so apart from the records, where masked readers would see it in clear.
resource "google_bigquery_dataset" "errors" {
  count                      = local.is_log ? 1 : 0
  dataset_id                 = "hospital_errors"
  location                   = var.region
  description                = "Messages that no log takes, as they came"
  delete_contents_on_destroy = false
  dynamic "default_encryption_configuration" {
    for_each = local.key[*]
    content {
      kms_key_name = default_encryption_configuration.value
    }
  }
  depends_on = [google_project_service.needed]
}

resource "google_bigquery_dataset_iam_member" "errors" {
  count      = local.is_log ? 1 : 0
  dataset_id = google_bigquery_dataset.errors[0].dataset_id
  role       = "roles/bigquery.dataEditor"
  member     = google_service_account.writer.member
}

resource "google_storage_bucket_object" "rename" {
  count  = local.is_log ? 1 : 0
  name   = "rename-change-columns.js"
  bucket = google_storage_bucket.dataflow[0].name
  source = "${path.module}/rename-change-columns.js"
}

resource "google_dataflow_flex_template_job" "log" {
  provider                = google-beta
  for_each                = google_pubsub_subscription.log
  name                    = "hospital-${replace(each.key, "_", "-")}"
  region                  = var.region
  container_spec_gcs_path = "gs://dataflow-templates-${var.region}/latest/flex/PubSub_to_BigQuery_Flex"
  service_account_email   = google_service_account.writer.email
  subnetwork              = "regions/${var.region}/subnetworks/${google_compute_subnetwork.hospital.name}"
  ip_configuration        = "WORKER_IP_PRIVATE"
  enable_streaming_engine = true
  kms_key_name            = local.key
  temp_location           = "gs://${google_storage_bucket.dataflow[0].name}/temp"
  staging_location        = "gs://${google_storage_bucket.dataflow[0].name}/staging"
  max_workers             = 2
  on_delete               = "drain"
  parameters = {
    inputSubscription                     = each.value.id
    outputTableSpec                       = "${var.project}:${google_bigquery_dataset.records.dataset_id}.${google_bigquery_table.log[each.key].table_id}"
    outputDeadletterTable                 = "${var.project}:${google_bigquery_dataset.errors[0].dataset_id}.${google_bigquery_table.log[each.key].table_id}_error_records"
    javascriptTextTransformGcsPath        = "gs://${google_storage_bucket.dataflow[0].name}/${google_storage_bucket_object.rename[0].name}"
    javascriptTextTransformFunctionName   = "renameChangeColumns"
    useStorageWriteApi                    = "true"
    numStorageWriteApiStreams             = "1"
    storageWriteApiTriggeringFrequencySec = "10"
  }
  depends_on = [google_bigquery_dataset_iam_member.writer, google_bigquery_dataset_iam_member.errors, google_project_iam_member.dataflow, google_pubsub_subscription_iam_member.log, google_storage_bucket_iam_member.dataflow]
}

resource "google_project_iam_member" "dataflow" {
  count   = local.is_log ? 1 : 0
  project = var.project
  role    = "roles/dataflow.worker"
  member  = google_service_account.writer.member
}

resource "google_pubsub_subscription_iam_member" "log" {
  for_each     = google_pubsub_subscription.log
  subscription = each.value.name
  role         = "roles/pubsub.subscriber"
  member       = google_service_account.writer.member
}

resource "google_storage_bucket_iam_member" "dataflow" {
  count  = local.is_log ? 1 : 0
  bucket = google_storage_bucket.dataflow[0].name
  role   = "roles/storage.objectUser"
  member = google_service_account.writer.member
}
