# What is kept of what happened, and who is told when something stands still.
resource "google_project_iam_audit_config" "secrets" {
  project = var.project
  service = "secretmanager.googleapis.com"
  audit_log_config {
    log_type = "DATA_READ"
  }
}

resource "google_logging_project_bucket_config" "audit" {
  project        = var.project
  location       = var.region
  bucket_id      = "hospital-audit"
  retention_days = var.log_retention_days
  dynamic "cmek_settings" {
    for_each = local.key[*]
    content {
      kms_key_name = cmek_settings.value
    }
  }
}

resource "google_logging_project_sink" "audit" {
  name                   = "hospital-audit"
  destination            = "logging.googleapis.com/${google_logging_project_bucket_config.audit.id}"
  filter                 = "log_id(\"cloudaudit.googleapis.com/data_access\") OR log_id(\"cloudaudit.googleapis.com/activity\")"
  unique_writer_identity = true
}

resource "google_monitoring_notification_channel" "email" {
  display_name = "Hospital pipeline"
  type         = "email"
  labels       = { email_address = var.alert_email }
}

locals {
  alerts = {
    state = {
      name    = "A subscription cannot write to its table"
      filter  = "resource.type = \"pubsub_subscription\" AND metric.type = \"pubsub.googleapis.com/subscription/push_request_count\" AND metric.labels.response_class != \"ack\" AND resource.labels.subscription_id = monitoring.regex.full_match(\"hospital-.*-bigquery\")"
      above   = 0
      lasts   = "300s"
      aligner = "ALIGN_RATE"
    }
    dead = {
      name    = "Messages that no table takes"
      filter  = "resource.type = \"pubsub_subscription\" AND metric.type = \"pubsub.googleapis.com/subscription/num_undelivered_messages\" AND resource.labels.subscription_id = monitoring.regex.full_match(\"hospital-.*-dead\")"
      above   = 0
      lasts   = "300s"
      aligner = "ALIGN_MAX"
    }
    lag = {
      name    = "Messages wait for an hour"
      filter  = "resource.type = \"pubsub_subscription\" AND metric.type = \"pubsub.googleapis.com/subscription/oldest_unacked_message_age\" AND resource.labels.subscription_id = monitoring.regex.full_match(\"hospital-.*-(bigquery|dataflow)\")"
      above   = 3600
      lasts   = "300s"
      aligner = "ALIGN_MAX"
    }
    # One failure is one point of the series: waiting for more of them would hide it.
    failed = {
      name    = "The producer's job failed"
      filter  = "resource.type = \"cloud_run_job\" AND metric.type = \"run.googleapis.com/job/completed_execution_count\" AND metric.labels.result = \"failed\" AND resource.labels.job_name = \"${google_cloud_run_v2_job.producer.name}\""
      above   = 0
      lasts   = "0s"
      aligner = "ALIGN_SUM"
    }
  }
}

resource "google_monitoring_alert_policy" "pipeline" {
  for_each              = local.alerts
  display_name          = each.value.name
  combiner              = "OR"
  notification_channels = [google_monitoring_notification_channel.email.id]
  conditions {
    display_name = each.value.name
    condition_threshold {
      filter          = each.value.filter
      comparison      = "COMPARISON_GT"
      threshold_value = each.value.above
      duration        = each.value.lasts
      aggregations {
        alignment_period   = "300s"
        per_series_aligner = each.value.aligner
      }
    }
  }
}

# A scheduler that is paused leaves no run that failed behind: none at all is what tells of it.
resource "google_monitoring_alert_policy" "idle" {
  display_name          = "No run of the producer succeeded for an hour"
  combiner              = "OR"
  notification_channels = [google_monitoring_notification_channel.email.id]
  conditions {
    display_name = "No run of the producer succeeded for an hour"
    condition_absent {
      filter   = "resource.type = \"cloud_run_job\" AND metric.type = \"run.googleapis.com/job/completed_execution_count\" AND metric.labels.result = \"succeeded\" AND resource.labels.job_name = \"${google_cloud_run_v2_job.producer.name}\""
      duration = "3600s"
      aggregations {
        alignment_period   = "300s"
        per_series_aligner = "ALIGN_SUM"
      }
    }
  }
}
