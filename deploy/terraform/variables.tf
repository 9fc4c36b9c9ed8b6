# What has to be decided, with what is right for each.
variable "project" {
  description = "Id of the Google Cloud project."
  type        = string
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project))
    error_message = "A project id: 6 to 30 lower-case letters, digits and hyphens."
  }
}

variable "region" {
  description = "Region of everything, and the only one in which messages may be stored."
  type        = string
  validation {
    condition     = can(regex("^[a-z]+-[a-z]+[0-9]+$", var.region))
    error_message = "A region, such as us-central1."
  }
}

variable "collections" {
  description = "Collections of the contract, each with a secret, a topic and a table."
  type        = list(string)
  default     = ["patients", "appointments", "lab_results"]
  validation {
    condition     = length(var.collections) > 0 && alltrue([for name in var.collections : can(regex("^[a-z][a-z0-9_]*$", name))])
    error_message = "One at least, each the name of a path of the contract."
  }
}

variable "runtime" {
  description = "Where the service runs: cloud_run, or vm for a machine with systemd."
  type        = string
  default     = "cloud_run"
  validation {
    condition     = contains(["cloud_run", "vm"], var.runtime)
    error_message = "cloud_run or vm."
  }
}

variable "way" {
  description = "How messages become rows: subscription (way A, upserts by BigQuery) or dataflow (way B, a log with views)."
  type        = string
  default     = "subscription"
  validation {
    condition     = contains(["subscription", "dataflow"], var.way)
    error_message = "subscription or dataflow."
  }
}

variable "image" {
  description = "Container image of the service and the producer, by digest."
  type        = string
  validation {
    condition     = can(regex("@sha256:[0-9a-f]{64}$", var.image))
    error_message = "An image by digest: REGION-docker.pkg.dev/PROJECT/hospital/service@sha256:…"
  }
}

variable "source_ranges" {
  description = "Networks, as CIDR, that may reach the service."
  type        = list(string)
  validation {
    condition     = length(var.source_ranges) > 0 && alltrue([for range in var.source_ranges : can(cidrhost(range, 0))]) && !contains(var.source_ranges, "0.0.0.0/0")
    error_message = "CIDR ranges, at least one, and never the whole internet."
  }
}

variable "kms_key" {
  description = "Key for everything at rest, projects/P/locations/L/keyRings/R/cryptoKeys/K with L the region; empty for Google's own. Decide before the first apply."
  type        = string
  default     = ""
  validation {
    condition     = var.kms_key == "" || can(regex("^projects/[^/]+/locations/${var.region}/keyRings/[^/]+/cryptoKeys/[^/]+$", var.kms_key))
    error_message = "A key's full name, of the same region, or empty."
  }
}

variable "database_tier" {
  description = "Machine of Cloud SQL, of the ENTERPRISE edition."
  type        = string
  default     = "db-custom-2-7680"
  validation {
    condition     = can(regex("^db-(custom-[0-9]+-[0-9]+|g1-small|f1-micro)$", var.database_tier))
    error_message = "A tier of the ENTERPRISE edition, such as db-custom-2-7680."
  }
}

variable "rotation_days" {
  description = "After how many days a key is due to be rotated; Secret Manager then says so on the topic."
  type        = number
  default     = 90
  validation {
    condition     = var.rotation_days >= 1 && var.rotation_days <= 365
    error_message = "1 to 365 days."
  }
}

variable "first_rotation" {
  description = "When keys are due for the first time, RFC 3339, at least five minutes ahead."
  type        = string
  validation {
    condition     = can(timeadd(var.first_rotation, "0s"))
    error_message = "A time as RFC 3339 has it, such as 2027-01-01T00:00:00Z."
  }
}

variable "producer_schedule" {
  description = "When the producer runs, as cron has it, in UTC. An hour without a run that succeeded raises an alert."
  type        = string
  default     = "*/5 * * * *"
  validation {
    condition     = length(split(" ", var.producer_schedule)) == 5
    error_message = "Five fields, as cron has them."
  }
}

variable "log_retention_days" {
  description = "How long audit logs are kept; six years is what HIPAA asks of documentation."
  type        = number
  default     = 2192
  validation {
    condition     = var.log_retention_days >= 30 && var.log_retention_days <= 3650
    error_message = "30 to 3650 days."
  }
}

variable "clear_readers" {
  description = "Groups that read tagged columns in clear where they may read the table, as IAM members. Who is neither here nor in masked_readers is refused these columns."
  type        = list(string)
  default     = []
  validation {
    condition     = alltrue([for member in var.clear_readers : can(regex("^(group|serviceAccount):.+@.+$", member))])
    error_message = "Members such as group:stewards@hospital.example; no single users."
  }
}

variable "masked_readers" {
  description = "Groups that read the records with tagged columns masked, as IAM members: names and ids as digests, all else as nothing."
  type        = list(string)
  default     = []
  validation {
    condition     = alltrue([for member in var.masked_readers : can(regex("^(group|serviceAccount):.+@.+$", member))])
    error_message = "Members such as group:quality@hospital.example; no single users."
  }
}

variable "analysts" {
  description = "Groups that read the de-identified tables, and nothing else, as IAM members."
  type        = list(string)
  default     = []
  validation {
    condition     = alltrue([for member in var.analysts : can(regex("^(group|serviceAccount):.+@.+$", member))])
    error_message = "Members such as group:analysts@hospital.example; no single users."
  }
}

variable "alert_email" {
  description = "Who is told of alerts."
  type        = string
  validation {
    condition     = can(regex("^[^@ ]+@[^@ ]+$", var.alert_email))
    error_message = "An e-mail address."
  }
}
