# Providers and what every resource shares.
terraform {
  required_version = ">= 1.9"
  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "~> 7.0"
    }
    google-beta = {
      source  = "hashicorp/google-beta"
      version = "~> 7.0"
    }
  }
}

provider "google" {
  project = var.project
  region  = var.region
}

provider "google-beta" {
  project = var.project
  region  = var.region
}

data "google_project" "this" {}

locals {
  tables      = { for name in var.collections : name => jsondecode(file("${path.module}/../../generated/warehouse/${name}.bigquery.json")) }
  warehouse   = "${path.module}/../../generated/warehouse"
  dataset     = "${var.project}.${google_bigquery_dataset.records.dataset_id}"
  number      = data.google_project.this.number
  pubsub      = "serviceAccount:service-${local.number}@gcp-sa-pubsub.iam.gserviceaccount.com"
  is_run      = var.runtime == "cloud_run"
  is_log      = var.way == "dataflow"
  service_url = local.is_run ? google_cloud_run_v2_service.service[0].uri : "http://${google_compute_address.service[0].address}:8080"
}

resource "google_project_service" "needed" {
  for_each = toset([
    "artifactregistry.googleapis.com", "bigquery.googleapis.com", "bigquerydatapolicy.googleapis.com",
    "bigquerydatatransfer.googleapis.com", "cloudscheduler.googleapis.com", "compute.googleapis.com",
    "datacatalog.googleapis.com", "dataflow.googleapis.com", "logging.googleapis.com", "monitoring.googleapis.com",
    "pubsub.googleapis.com", "run.googleapis.com", "secretmanager.googleapis.com",
    "servicenetworking.googleapis.com", "sqladmin.googleapis.com",
  ])
  service            = each.value
  disable_on_destroy = false
}
