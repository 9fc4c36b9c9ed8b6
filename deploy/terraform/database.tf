# PostgreSQL without a public address, on a network of its own.
resource "google_compute_network" "hospital" {
  name                    = "hospital"
  auto_create_subnetworks = false
  depends_on              = [google_project_service.needed]
}

resource "google_compute_subnetwork" "hospital" {
  name                     = "hospital"
  region                   = var.region
  network                  = google_compute_network.hospital.id
  ip_cidr_range            = "10.20.0.0/24"
  private_ip_google_access = true
}

resource "google_compute_global_address" "services" {
  name          = "hospital-services"
  purpose       = "VPC_PEERING"
  address_type  = "INTERNAL"
  prefix_length = 20
  network       = google_compute_network.hospital.id
}

resource "google_service_networking_connection" "services" {
  network                 = google_compute_network.hospital.id
  service                 = "servicenetworking.googleapis.com"
  reserved_peering_ranges = [google_compute_global_address.services.name]
}

resource "google_sql_database_instance" "store" {
  name                = "hospital"
  region              = var.region
  database_version    = "POSTGRES_16"
  encryption_key_name = local.key
  deletion_protection = true
  settings {
    tier                        = var.database_tier
    edition                     = "ENTERPRISE"
    availability_type           = "REGIONAL"
    deletion_protection_enabled = true
    ip_configuration {
      ipv4_enabled    = false
      private_network = google_compute_network.hospital.self_link
      ssl_mode        = "ENCRYPTED_ONLY"
    }
    backup_configuration {
      enabled                        = true
      point_in_time_recovery_enabled = true
      location                       = var.region
    }
  }
  depends_on = [google_service_networking_connection.services]
}

resource "google_sql_database" "store" {
  name     = "hospital"
  instance = google_sql_database_instance.store.name
}
