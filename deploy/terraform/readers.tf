# Who reads and writes what in BigQuery, and sees which columns.
resource "google_data_catalog_policy_tag_iam_member" "clear" {
  for_each = {
    for pair in setproduct(keys(google_data_catalog_policy_tag.phi), concat(var.clear_readers, [google_service_account.deidentifier.member])) :
    "${pair[0]} ${pair[1]}" => { tag = pair[0], member = pair[1] }
  }
  policy_tag = google_data_catalog_policy_tag.phi[each.value.tag].name
  role       = "roles/datacatalog.categoryFineGrainedReader"
  member     = each.value.member
}

# Without it a reader of tagged columns is refused, not shown them masked.
resource "google_bigquery_datapolicy_data_policy_iam_member" "masked" {
  for_each = {
    for pair in setproduct(keys(google_bigquery_datapolicy_data_policy.mask), var.masked_readers) :
    "${pair[0]} ${pair[1]}" => { tag = pair[0], member = pair[1] }
  }
  location       = var.region
  data_policy_id = google_bigquery_datapolicy_data_policy.mask[each.value.tag].data_policy_id
  role           = "roles/bigquerydatapolicy.maskedReader"
  member         = each.value.member
}

resource "google_bigquery_dataset_iam_member" "masked" {
  for_each   = toset(var.masked_readers)
  dataset_id = google_bigquery_dataset.records.dataset_id
  role       = "roles/bigquery.dataViewer"
  member     = each.value
}

# The daily queries read all of it, and write new surrogates into one table.
resource "google_bigquery_dataset_iam_member" "deidentifier" {
  dataset_id = google_bigquery_dataset.records.dataset_id
  role       = "roles/bigquery.dataViewer"
  member     = google_service_account.deidentifier.member
}

resource "google_bigquery_table_iam_member" "deidentifier" {
  dataset_id = google_bigquery_dataset.records.dataset_id
  table_id   = google_bigquery_table.keys.table_id
  role       = "roles/bigquery.dataEditor"
  member     = google_service_account.deidentifier.member
}

resource "google_bigquery_dataset_iam_member" "deidentified_writer" {
  dataset_id = google_bigquery_dataset.deidentified.dataset_id
  role       = "roles/bigquery.dataEditor"
  member     = google_service_account.deidentifier.member
}

resource "google_bigquery_dataset_iam_member" "analysts" {
  for_each   = toset(var.analysts)
  dataset_id = google_bigquery_dataset.deidentified.dataset_id
  role       = "roles/bigquery.dataViewer"
  member     = each.value
}

resource "google_bigquery_dataset_iam_member" "writer" {
  for_each   = toset(["roles/bigquery.dataEditor", "roles/bigquery.metadataViewer"])
  dataset_id = google_bigquery_dataset.records.dataset_id
  role       = each.value
  member     = google_service_account.writer.member
}
