# With kms_key: who may use it. What is encrypted takes the key's name from these grants, so that they come first.
locals {
  has_key = var.kms_key != ""
  key_services = local.has_key ? concat(
    ["artifactregistry", "pubsub", "run", "sqladmin"],
    local.is_log ? ["dataflow"] : []
  ) : []
  key_users = merge(
    { for service, agent in google_project_service_identity.key_user : service => agent.member },
    { for agent in [google_project_service_identity.secret_manager] : "secretmanager" => agent.member if local.has_key },
    { for agent in data.google_bigquery_default_service_account.key_user : "bigquery" => agent.member },
    { for agent in data.google_storage_project_service_account.key_user : "storage" => agent.member },
    { for agent in data.google_logging_project_cmek_settings.key_user : "logging" => "serviceAccount:${agent.service_account_id}" },
    # The disks of the VM, and of Dataflow's workers.
    { for number in [local.number] : "compute" => "serviceAccount:service-${number}@compute-system.iam.gserviceaccount.com" if local.has_key && (local.is_log || !local.is_run) },
  )
  # Null without a key, which leaves each resource with Google's own.
  key = one(toset([for grant in google_kms_crypto_key_iam_member.user : grant.crypto_key_id]))
}

# Agents that are there only once their service was used, or this asked for them.
resource "google_project_service_identity" "key_user" {
  provider   = google-beta
  for_each   = toset(local.key_services)
  service    = "${each.value}.googleapis.com"
  depends_on = [google_project_service.needed]
}

data "google_bigquery_default_service_account" "key_user" {
  count      = local.has_key ? 1 : 0
  depends_on = [google_project_service.needed]
}

# Asking for it makes it.
data "google_storage_project_service_account" "key_user" {
  count      = local.has_key ? 1 : 0
  depends_on = [google_project_service.needed]
}

data "google_logging_project_cmek_settings" "key_user" {
  count      = local.has_key ? 1 : 0
  project    = var.project
  depends_on = [google_project_service.needed]
}

resource "google_kms_crypto_key_iam_member" "user" {
  for_each      = local.key_users
  crypto_key_id = var.kms_key
  role          = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
  member        = each.value
  depends_on    = [google_project_service.needed]
}
