// BigQuery keeps the names of the pseudo-columns for itself, so the log has them under others.
function renameChangeColumns(text) {
  var row = JSON.parse(text);
  row.change_type = row._CHANGE_TYPE;
  row.change_sequence_number = row._CHANGE_SEQUENCE_NUMBER;
  delete row._CHANGE_TYPE;
  delete row._CHANGE_SEQUENCE_NUMBER;
  return JSON.stringify(row);
}
