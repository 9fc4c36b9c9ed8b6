# One account for each part, with the least that it needs.
resource "google_service_account" "service" {
  account_id   = "hospital-service"
  display_name = "Serves the feeds"
}

resource "google_service_account" "producer" {
  account_id   = "hospital-producer"
  display_name = "Reads the feeds and publishes them"
}

resource "google_service_account" "scheduler" {
  account_id   = "hospital-scheduler"
  display_name = "Starts the producer"
}

resource "google_service_account" "writer" {
  account_id   = "hospital-writer"
  display_name = "Writes messages into BigQuery"
}

resource "google_service_account" "deidentifier" {
  account_id   = "hospital-deidentifier"
  display_name = "Writes the de-identified tables"
}

resource "google_project_iam_member" "service_database" {
  project = var.project
  role    = "roles/cloudsql.client"
  member  = google_service_account.service.member
}

resource "google_project_iam_member" "service_logs" {
  project = var.project
  role    = "roles/logging.logWriter"
  member  = google_service_account.service.member
}

resource "google_project_iam_member" "deidentifier_jobs" {
  project = var.project
  role    = "roles/bigquery.jobUser"
  member  = google_service_account.deidentifier.member
}
