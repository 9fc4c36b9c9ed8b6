# Tables as the contract gives them, their columns tagged by x-phi, and views.
resource "google_data_catalog_taxonomy" "phi" {
  region                 = var.region
  display_name           = "Protected health information"
  description            = "The levels of x-phi in the contract"
  activated_policy_types = ["FINE_GRAINED_ACCESS_CONTROL"]
  depends_on             = [google_project_service.needed]
}

resource "google_data_catalog_policy_tag" "phi" {
  for_each     = { direct = "Names a person", quasi = "May point to a person", health = "Tells of a person's health" }
  taxonomy     = google_data_catalog_taxonomy.phi.id
  display_name = each.key
  description  = each.value
}

# Names and ids as digests, so that tables can still be joined; all else as nothing.
resource "google_bigquery_datapolicy_data_policy" "mask" {
  for_each         = google_data_catalog_policy_tag.phi
  location         = var.region
  data_policy_id   = "hospital_${each.key}"
  policy_tag       = each.value.name
  data_policy_type = "DATA_MASKING_POLICY"
  data_masking_policy {
    predefined_expression = each.key == "direct" ? "SHA256" : "ALWAYS_NULL"
  }
}

resource "google_bigquery_dataset" "records" {
  dataset_id                 = "hospital"
  location                   = var.region
  description                = "Records as the feeds have them"
  delete_contents_on_destroy = false
  dynamic "default_encryption_configuration" {
    for_each = local.key[*]
    content {
      kms_key_name = default_encryption_configuration.value
    }
  }
  depends_on = [google_project_service.needed]
}

resource "google_bigquery_dataset" "deidentified" {
  dataset_id                 = "hospital_deidentified"
  location                   = var.region
  description                = "Copies of the de-identified views: all that analysts see"
  delete_contents_on_destroy = false
  dynamic "default_encryption_configuration" {
    for_each = local.key[*]
    content {
      kms_key_name = default_encryption_configuration.value
    }
  }
  depends_on = [google_project_service.needed]
}

locals {
  tag = { for level, tag in google_data_catalog_policy_tag.phi : level => [tag.name] }
  # policyTag names a level; BigQuery wants the tag's full name.
  columns = {
    for name, table in local.tables : name => [
      for column in table.schema : merge(
        { for key, value in column : key => value if key != "policyTag" && key != "fields" },
        contains(keys(column), "policyTag") ? { policyTags = { names = local.tag[column.policyTag] } } : {},
        contains(keys(column), "fields") ? { fields = [
          for field in column.fields : merge(
            { for key, value in field : key => value if key != "policyTag" },
            contains(keys(field), "policyTag") ? { policyTags = { names = local.tag[field.policyTag] } } : {}
          )
        ] } : {}
      )
    ]
  }
}

# Way A.
resource "google_bigquery_table" "records" {
  for_each            = { for name, table in local.tables : name => table if !local.is_log }
  dataset_id          = google_bigquery_dataset.records.dataset_id
  table_id            = each.key
  description         = each.value.description
  schema              = jsonencode(local.columns[each.key])
  clustering          = each.value.clustering
  max_staleness       = "0-0 0 0:15:0"
  deletion_protection = true
  table_constraints {
    primary_key {
      columns = each.value.primaryKey
    }
  }
}

# Way B: the log, and in place of the table a view of its latest state.
resource "google_bigquery_table" "log" {
  for_each   = { for name, table in local.tables : name => table if local.is_log }
  dataset_id = google_bigquery_dataset.records.dataset_id
  table_id   = "${each.key}_log"
  schema = jsonencode(concat(local.columns[each.key], [
    for name in ["change_type", "change_sequence_number"] : { name = name, type = "STRING", mode = "REQUIRED" }
  ]))
  deletion_protection = true
  time_partitioning {
    type = "DAY"
  }
}

resource "google_bigquery_table" "latest" {
  for_each            = google_bigquery_table.log
  dataset_id          = google_bigquery_dataset.records.dataset_id
  table_id            = each.key
  deletion_protection = false
  view {
    query          = templatefile("${local.warehouse}/${each.key}.latest.sql", { dataset = local.dataset })
    use_legacy_sql = false
  }
}

resource "google_bigquery_table" "current" {
  for_each            = local.tables
  dataset_id          = google_bigquery_dataset.records.dataset_id
  table_id            = "${each.key}_current"
  deletion_protection = false
  view {
    query          = templatefile("${local.warehouse}/${each.key}.current.sql", { dataset = local.dataset })
    use_legacy_sql = false
  }
  depends_on = [google_bigquery_table.records, google_bigquery_table.latest]
}

resource "google_bigquery_table" "keys" {
  dataset_id          = google_bigquery_dataset.records.dataset_id
  table_id            = "deidentification_keys"
  description         = "Random surrogates of ids: who reads it can undo the de-identification"
  deletion_protection = true
  schema = jsonencode([
    for name in ["id", "surrogate"] : { name = name, type = "STRING", mode = "REQUIRED", policyTags = { names = local.tag["direct"] } }
  ])
  table_constraints {
    primary_key {
      columns = ["id"]
    }
  }
}

resource "google_bigquery_table" "deidentified" {
  for_each            = local.tables
  dataset_id          = google_bigquery_dataset.records.dataset_id
  table_id            = "${each.key}_deidentified"
  deletion_protection = false
  view {
    query          = templatefile("${local.warehouse}/${each.key}.deidentified.sql", { dataset = local.dataset })
    use_legacy_sql = false
  }
  depends_on = [google_bigquery_table.current, google_bigquery_table.keys]
}

# Column-level access is checked against whoever asks a view, so analysts get copies, made by an account that may read all.
resource "google_bigquery_data_transfer_config" "deidentify" {
  display_name         = "De-identified tables"
  location             = var.region
  data_source_id       = "scheduled_query"
  schedule             = "every 24 hours"
  service_account_name = google_service_account.deidentifier.email
  params = {
    query = join("\n", concat(
      [templatefile("${local.warehouse}/deidentification_keys.new.sql", { dataset = local.dataset })],
      [for name in var.collections : "CREATE OR REPLACE TABLE `${var.project}.${google_bigquery_dataset.deidentified.dataset_id}.${name}` AS SELECT * FROM `${local.dataset}.${google_bigquery_table.deidentified[name].table_id}`;"]
    ))
  }
  depends_on = [google_bigquery_dataset_iam_member.deidentifier, google_bigquery_table_iam_member.deidentifier, google_bigquery_dataset_iam_member.deidentified_writer, google_project_iam_member.deidentifier_jobs, google_data_catalog_policy_tag_iam_member.clear]
}
