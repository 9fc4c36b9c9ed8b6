# Where the image is pushed to.
resource "google_artifact_registry_repository" "images" {
  location      = var.region
  repository_id = "hospital"
  format        = "DOCKER"
  kms_key_name  = local.key
  docker_config {
    immutable_tags = true
  }
  cleanup_policies {
    id     = "keep-some"
    action = "KEEP"
    most_recent_versions {
      keep_count = 10
    }
  }
  depends_on = [google_project_service.needed]
}

resource "google_artifact_registry_repository_iam_member" "reader" {
  for_each   = { service = google_service_account.service.member, producer = google_service_account.producer.member }
  location   = google_artifact_registry_repository.images.location
  repository = google_artifact_registry_repository.images.name
  role       = "roles/artifactregistry.reader"
  member     = each.value
}
