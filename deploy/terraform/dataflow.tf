# Way B: Google's template appends every message to the log.
resource "google_storage_bucket" "dataflow" {
  count                       = local.is_log ? 1 : 0
  name                        = "${var.project}-hospital-dataflow"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
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
  max_workers             = 2
  on_delete               = "drain"
  parameters = {
    inputSubscription                       = each.value.id
    outputTableSpec                         = "${var.project}:${google_bigquery_dataset.records.dataset_id}.${google_bigquery_table.log[each.key].table_id}"
    javascriptTextTransformGcsPath          = "gs://${google_storage_bucket.dataflow[0].name}/${google_storage_bucket_object.rename[0].name}"
    javascriptTextTransformFunctionName     = "renameChangeColumns"
    useStorageWriteApi                      = "true"
    numStorageWriteApiStreams               = "1"
    storageWriteApiTriggeringFrequencySec   = "10"
  }
  depends_on = [google_bigquery_dataset_iam_member.writer, google_project_iam_member.dataflow, google_pubsub_subscription_iam_member.log]
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
