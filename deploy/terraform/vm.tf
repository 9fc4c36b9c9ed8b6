# The service on a machine of its own, in place of Cloud Run.
resource "google_compute_address" "service" {
  count        = local.is_run ? 0 : 1
  name         = "hospital-service"
  region       = var.region
  address_type = "INTERNAL"
  subnetwork   = google_compute_subnetwork.hospital.id
}

resource "google_compute_instance" "service" {
  count                     = local.is_run ? 0 : 1
  name                      = "hospital-service"
  zone                      = "${var.region}-b"
  machine_type              = "e2-standard-2"
  tags                      = ["hospital-service"]
  allow_stopping_for_update = true
  boot_disk {
    kms_key_self_link = local.key
    initialize_params {
      image = "projects/cos-cloud/global/images/family/cos-stable"
      size  = 20
    }
  }
  # No access_config, so no public address.
  network_interface {
    subnetwork = google_compute_subnetwork.hospital.id
    network_ip = google_compute_address.service[0].address
  }
  service_account {
    email  = google_service_account.service.email
    scopes = ["cloud-platform"]
  }
  shielded_instance_config {
    enable_secure_boot = true
  }
  metadata = {
    # Without it Container-Optimized OS sends no log lines.
    google-logging-enabled = "true"
    user-data = templatefile("${path.module}/cloud-init.yaml", {
      image       = var.image
      project     = var.project
      collections = join(",", var.collections)
      region      = var.region
      rotation    = google_pubsub_subscription.rotation.id
    })
  }
  depends_on = [google_secret_manager_secret_iam_member.database_url, google_pubsub_subscription_iam_member.rotation_reader]
}

resource "google_compute_firewall" "service" {
  name          = "hospital-service"
  network       = google_compute_network.hospital.id
  direction     = "INGRESS"
  source_ranges = concat(var.source_ranges, [google_compute_subnetwork.hospital.ip_cidr_range])
  target_tags   = ["hospital-service"]
  allow {
    protocol = "tcp"
    ports    = ["8080"]
  }
  log_config {
    metadata = "EXCLUDE_ALL_METADATA"
  }
}
