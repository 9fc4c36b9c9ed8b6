-- Written by `npm run generate` from the contract. ${dataset} stands for project.dataset.
-- Way A: the table that a BigQuery subscription keeps by upserts.
CREATE TABLE IF NOT EXISTS `${dataset}.lab_results` (
  `lab_result_id` STRING NOT NULL OPTIONS (description = "Id of the lab result record in this service. It has the form `<source>:<Type>:<id>`; treat it as one opaque text. A component of a panel has a record and an id of its own."),
  `patient_id` STRING NOT NULL OPTIONS (description = "Id of the patient. The patient's own record may arrive later, or never. A reference that names no id ends the id as the source wrote it (`ehr:Patient:?identifier=…`)."),
  `appointment_id` STRING OPTIONS (description = "Id of the visit the result belongs to; null when the source names none."),
  `panel_id` STRING OPTIONS (description = "Id of the source's result that this one is a component or a member of; null when it is none. A grouping result without a value has no record."),
  `test_code` STRING OPTIONS (description = "Code of the test, LOINC before a local code."),
  `test_system` STRING OPTIONS (description = "Code system of `test_code`, usually a URI."),
  `test_name` STRING OPTIONS (description = "Name of the test, as the source wrote it."),
  `value_number` FLOAT64 OPTIONS (description = "Measured value, in `unit`. Null when the value is no number, or is only a bound: with a comparator see `value_limit`."),
  `value_comparator` STRING OPTIONS (description = "How the true value relates to `value_limit`; null when the value is not a bound. `ad`: sufficient to reach the limit."),
  `value_limit` FLOAT64 OPTIONS (description = "Bound that `value_comparator` speaks of. It is never a measured value: do not average it."),
  `value_text` STRING OPTIONS (description = "Value as it was written, digits kept (`5.40`, `<0.01`, `Positive`); null when there is no value."),
  `value_code` STRING OPTIONS (description = "Code of a coded value, such as an organism; null when the value is not coded."),
  `value_system` STRING OPTIONS (description = "Code system of `value_code`, usually a URI."),
  `unit` STRING OPTIONS (description = "Unit as printed on the report. Values are never converted."),
  `unit_code` STRING OPTIONS (description = "Unit as a UCUM code; null when the source gives none."),
  `absent_reason` STRING OPTIONS (description = "Why there is no value. It is never a value itself."),
  `reference_low` FLOAT64 OPTIONS (description = "Lower end of the normal range, in the value's unit; null unless there is exactly one such range."),
  `reference_high` FLOAT64 OPTIONS (description = "Upper end of the normal range, in the value's unit; null unless there is exactly one such range."),
  `reference_text` STRING OPTIONS (description = "Reference ranges in words, as the source wrote them."),
  `interpretation_codes` ARRAY<STRING> OPTIONS (description = "Interpretation codes of the laboratory (HL7 v3 ObservationInterpretation or local), such as `H` for high; empty when it gave none. The service computes none."),
  `note` STRING OPTIONS (description = "Comments on the result, as written, separated by line feeds."),
  `specimen` STRING OPTIONS (description = "What was examined, as written, such as `Serum`."),
  `status` STRING OPTIONS (description = "Status code of the result in its source, unchanged. `preliminary` values may still change; `entered-in-error` results are `retracted` and have no values."),
  `collected_ts` TIMESTAMP OPTIONS (description = "When the specimen was taken, or else when the source says the result holds, as written, offset kept. Null when only a date is known: it is never midnight."),
  `collected_text` STRING OPTIONS (description = "Time of collection as the source wrote it, whole or in part (`2026-01`, a period); null when it wrote none."),
  `reported_ts` TIMESTAMP OPTIONS (description = "When the laboratory released this version of the result, as written, offset kept."),
  `source` STRING NOT NULL OPTIONS (description = "Name that the operator gave the system that sent the record. It is the first part of the record id. It is not the name of the hospital or of a product."),
  `source_type` STRING NOT NULL OPTIONS (description = "Kind of the record in its source, such as the FHIR resource type. It is the second part of the record id. An `Encounter` is a visit that took place or is under way, an `Appointment` is a booking: the two use different status codes."),
  `source_id` STRING NOT NULL OPTIONS (description = "Id of the record in its source. It is the third part of the record id, and unique only together with `source` and `source_type`."),
  `security_labels` ARRAY<STRING> OPTIONS (description = "Security labels that the source put on the record, each as `system|code`, in the source's order; empty when it put none. The service passes them on and does not act on them: who may see a labelled record is for the reader to decide."),
  `created_ts` TIMESTAMP NOT NULL OPTIONS (description = "When the service first stored the record, by the database's clock; UTC, always six fraction digits. It is not when the source made the record."),
  `updated_ts` TIMESTAMP NOT NULL OPTIONS (description = "Position of the record's latest change in the feed, as a time by the database's clock; UTC, always six fraction digits, so that the order of the text is the order of time. Unique in its collection, and never lower than one that was visible before. It is not when the source changed the record."),
  `created_by` STRING NOT NULL OPTIONS (description = "Sending system or process that first brought the record in. It is not a person."),
  `updated_by` STRING NOT NULL OPTIONS (description = "Sending system or process that brought the latest change in. It is not a person."),
  `is_active` BOOL NOT NULL OPTIONS (description = "True exactly when `record_state` is `active`. It says nothing about whether a patient lives, or a visit goes on."),
  `record_state` STRING NOT NULL OPTIONS (description = "Standing of the record. `active`: it counts. `inactive`: the source says it is not in use; the patient may well be alive. `merged`: another patient record replaces it, see `replaced_by_patient_id`; patients only. `retracted`: entered in error; the values of a retracted lab result are null. `missing`: no longer in a full extract of its source. `erased`: reserved; only ids and audit columns would remain."),
  `deleted_ts` TIMESTAMP OPTIONS (description = "When the record became `retracted`, `missing` or `erased`; null in every other state. The record stays in the feed: a copy of it is to be deleted or marked. UTC, always six fraction digits."),
  `version` INT64 NOT NULL OPTIONS (description = "Number of the record's version: 1 when it is first stored, one more with each change. A reader that keeps only the latest change of a record may miss numbers."),
  PRIMARY KEY (`lab_result_id`) NOT ENFORCED
)
CLUSTER BY `lab_result_id`, `patient_id`, `appointment_id`
OPTIONS (description = "One laboratory result of one test. Every field is always there; null says that the source gives nothing.", max_staleness = INTERVAL 15 MINUTE);

-- Way B: the log that Dataflow appends to, and in place of the table a view of its latest state.
CREATE TABLE IF NOT EXISTS `${dataset}.lab_results_log` (
  `lab_result_id` STRING NOT NULL OPTIONS (description = "Id of the lab result record in this service. It has the form `<source>:<Type>:<id>`; treat it as one opaque text. A component of a panel has a record and an id of its own."),
  `patient_id` STRING NOT NULL OPTIONS (description = "Id of the patient. The patient's own record may arrive later, or never. A reference that names no id ends the id as the source wrote it (`ehr:Patient:?identifier=…`)."),
  `appointment_id` STRING OPTIONS (description = "Id of the visit the result belongs to; null when the source names none."),
  `panel_id` STRING OPTIONS (description = "Id of the source's result that this one is a component or a member of; null when it is none. A grouping result without a value has no record."),
  `test_code` STRING OPTIONS (description = "Code of the test, LOINC before a local code."),
  `test_system` STRING OPTIONS (description = "Code system of `test_code`, usually a URI."),
  `test_name` STRING OPTIONS (description = "Name of the test, as the source wrote it."),
  `value_number` FLOAT64 OPTIONS (description = "Measured value, in `unit`. Null when the value is no number, or is only a bound: with a comparator see `value_limit`."),
  `value_comparator` STRING OPTIONS (description = "How the true value relates to `value_limit`; null when the value is not a bound. `ad`: sufficient to reach the limit."),
  `value_limit` FLOAT64 OPTIONS (description = "Bound that `value_comparator` speaks of. It is never a measured value: do not average it."),
  `value_text` STRING OPTIONS (description = "Value as it was written, digits kept (`5.40`, `<0.01`, `Positive`); null when there is no value."),
  `value_code` STRING OPTIONS (description = "Code of a coded value, such as an organism; null when the value is not coded."),
  `value_system` STRING OPTIONS (description = "Code system of `value_code`, usually a URI."),
  `unit` STRING OPTIONS (description = "Unit as printed on the report. Values are never converted."),
  `unit_code` STRING OPTIONS (description = "Unit as a UCUM code; null when the source gives none."),
  `absent_reason` STRING OPTIONS (description = "Why there is no value. It is never a value itself."),
  `reference_low` FLOAT64 OPTIONS (description = "Lower end of the normal range, in the value's unit; null unless there is exactly one such range."),
  `reference_high` FLOAT64 OPTIONS (description = "Upper end of the normal range, in the value's unit; null unless there is exactly one such range."),
  `reference_text` STRING OPTIONS (description = "Reference ranges in words, as the source wrote them."),
  `interpretation_codes` ARRAY<STRING> OPTIONS (description = "Interpretation codes of the laboratory (HL7 v3 ObservationInterpretation or local), such as `H` for high; empty when it gave none. The service computes none."),
  `note` STRING OPTIONS (description = "Comments on the result, as written, separated by line feeds."),
  `specimen` STRING OPTIONS (description = "What was examined, as written, such as `Serum`."),
  `status` STRING OPTIONS (description = "Status code of the result in its source, unchanged. `preliminary` values may still change; `entered-in-error` results are `retracted` and have no values."),
  `collected_ts` TIMESTAMP OPTIONS (description = "When the specimen was taken, or else when the source says the result holds, as written, offset kept. Null when only a date is known: it is never midnight."),
  `collected_text` STRING OPTIONS (description = "Time of collection as the source wrote it, whole or in part (`2026-01`, a period); null when it wrote none."),
  `reported_ts` TIMESTAMP OPTIONS (description = "When the laboratory released this version of the result, as written, offset kept."),
  `source` STRING NOT NULL OPTIONS (description = "Name that the operator gave the system that sent the record. It is the first part of the record id. It is not the name of the hospital or of a product."),
  `source_type` STRING NOT NULL OPTIONS (description = "Kind of the record in its source, such as the FHIR resource type. It is the second part of the record id. An `Encounter` is a visit that took place or is under way, an `Appointment` is a booking: the two use different status codes."),
  `source_id` STRING NOT NULL OPTIONS (description = "Id of the record in its source. It is the third part of the record id, and unique only together with `source` and `source_type`."),
  `security_labels` ARRAY<STRING> OPTIONS (description = "Security labels that the source put on the record, each as `system|code`, in the source's order; empty when it put none. The service passes them on and does not act on them: who may see a labelled record is for the reader to decide."),
  `created_ts` TIMESTAMP NOT NULL OPTIONS (description = "When the service first stored the record, by the database's clock; UTC, always six fraction digits. It is not when the source made the record."),
  `updated_ts` TIMESTAMP NOT NULL OPTIONS (description = "Position of the record's latest change in the feed, as a time by the database's clock; UTC, always six fraction digits, so that the order of the text is the order of time. Unique in its collection, and never lower than one that was visible before. It is not when the source changed the record."),
  `created_by` STRING NOT NULL OPTIONS (description = "Sending system or process that first brought the record in. It is not a person."),
  `updated_by` STRING NOT NULL OPTIONS (description = "Sending system or process that brought the latest change in. It is not a person."),
  `is_active` BOOL NOT NULL OPTIONS (description = "True exactly when `record_state` is `active`. It says nothing about whether a patient lives, or a visit goes on."),
  `record_state` STRING NOT NULL OPTIONS (description = "Standing of the record. `active`: it counts. `inactive`: the source says it is not in use; the patient may well be alive. `merged`: another patient record replaces it, see `replaced_by_patient_id`; patients only. `retracted`: entered in error; the values of a retracted lab result are null. `missing`: no longer in a full extract of its source. `erased`: reserved; only ids and audit columns would remain."),
  `deleted_ts` TIMESTAMP OPTIONS (description = "When the record became `retracted`, `missing` or `erased`; null in every other state. The record stays in the feed: a copy of it is to be deleted or marked. UTC, always six fraction digits."),
  `version` INT64 NOT NULL OPTIONS (description = "Number of the record's version: 1 when it is first stored, one more with each change. A reader that keeps only the latest change of a record may miss numbers."),
  `change_type` STRING NOT NULL,
  `change_sequence_number` STRING NOT NULL
)
PARTITION BY _PARTITIONDATE
OPTIONS (description = "Every message of lab_results, as it came");

-- CREATE OR REPLACE VIEW `${dataset}.lab_results` AS
-- SELECT
--   `lab_result_id`,
--   `patient_id`,
--   `appointment_id`,
--   `panel_id`,
--   `test_code`,
--   `test_system`,
--   `test_name`,
--   `value_number`,
--   `value_comparator`,
--   `value_limit`,
--   `value_text`,
--   `value_code`,
--   `value_system`,
--   `unit`,
--   `unit_code`,
--   `absent_reason`,
--   `reference_low`,
--   `reference_high`,
--   `reference_text`,
--   `interpretation_codes`,
--   `note`,
--   `specimen`,
--   `status`,
--   `collected_ts`,
--   `collected_text`,
--   `reported_ts`,
--   `source`,
--   `source_type`,
--   `source_id`,
--   `security_labels`,
--   `created_ts`,
--   `updated_ts`,
--   `created_by`,
--   `updated_by`,
--   `is_active`,
--   `record_state`,
--   `deleted_ts`,
--   `version`
-- FROM `${dataset}.lab_results_log`
-- WHERE TRUE
-- QUALIFY change_type != 'DELETE' AND ROW_NUMBER() OVER (
--   PARTITION BY `lab_result_id`
--   ORDER BY LPAD(UPPER(IFNULL(SPLIT(change_sequence_number, '/')[SAFE_OFFSET(0)], '')), 16, '0') DESC, LPAD(UPPER(IFNULL(SPLIT(change_sequence_number, '/')[SAFE_OFFSET(1)], '')), 16, '0') DESC
-- ) = 1;

-- Either way: what analysts read.
CREATE OR REPLACE VIEW `${dataset}.lab_results_current` AS
SELECT
  `record`.`lab_result_id`,
  `record`.`patient_id`,
  `record`.`appointment_id`,
  `record`.`panel_id`,
  `record`.`test_code`,
  `record`.`test_system`,
  `record`.`test_name`,
  `record`.`value_number`,
  `record`.`value_comparator`,
  `record`.`value_limit`,
  `record`.`value_text`,
  `record`.`value_code`,
  `record`.`value_system`,
  `record`.`unit`,
  `record`.`unit_code`,
  `record`.`absent_reason`,
  `record`.`reference_low`,
  `record`.`reference_high`,
  `record`.`reference_text`,
  `record`.`interpretation_codes`,
  `record`.`note`,
  `record`.`specimen`,
  `record`.`status`,
  `record`.`collected_ts`,
  `record`.`collected_text`,
  `record`.`reported_ts`,
  `record`.`source`,
  `record`.`source_type`,
  `record`.`source_id`,
  `record`.`security_labels`,
  `record`.`created_ts`,
  `record`.`updated_ts`,
  `record`.`created_by`,
  `record`.`updated_by`,
  `record`.`is_active`,
  `record`.`record_state`,
  `record`.`deleted_ts`,
  `record`.`version`
FROM `${dataset}.lab_results` AS record
WHERE `record`.`record_state` != 'merged' AND `record`.`deleted_ts` IS NULL;

CREATE OR REPLACE VIEW `${dataset}.lab_results_deidentified` AS
SELECT
  lab_result_id_key.surrogate AS lab_result_key,
  patient_id_key.surrogate AS patient_key,
  appointment_id_key.surrogate AS appointment_key,
  CASE WHEN REGEXP_CONTAINS(`record`.`test_code`, r'^[!-~]{1,64}$') THEN `record`.`test_code` END AS test_code,
  CASE WHEN `record`.`test_system` IN ('http://loinc.org', 'http://snomed.info/sct', 'http://unitsofmeasure.org', 'http://www.nlm.nih.gov/research/umls/rxnorm', 'http://www.ama-assn.org/go/cpt', 'http://hl7.org/fhir/sid/cvx', 'http://hl7.org/fhir/sid/icd-10-cm', 'http://hl7.org/fhir/sid/icd-9-cm', 'http://hl7.org/fhir/sid/ndc') OR `record`.`test_system` LIKE 'http://terminology.hl7.org/%' THEN `record`.`test_system` END AS test_system,
  CASE WHEN (LOWER(`record`.`unit`) IN ('a', 'a_j', 'a_g', 'a_t', 'y', 'yr', 'yrs', 'year', 'years') AND `record`.`value_number` > 89)
    OR (LOWER(`record`.`unit`) IN ('mo', 'mo_j', 'mo_g', 'mo_s', 'month', 'months') AND `record`.`value_number` > 1079)
    OR (LOWER(`record`.`unit_code`) IN ('a', 'a_j', 'a_g', 'a_t', 'y', 'yr', 'yrs', 'year', 'years') AND `record`.`value_number` > 89)
    OR (LOWER(`record`.`unit_code`) IN ('mo', 'mo_j', 'mo_g', 'mo_s', 'month', 'months') AND `record`.`value_number` > 1079) THEN NULL ELSE `record`.`value_number` END AS value_number,
  CASE WHEN `record`.`value_comparator` IN ('<', '<=', '>=', '>', 'ad') THEN `record`.`value_comparator` END AS value_comparator,
  CASE WHEN (LOWER(`record`.`unit`) IN ('a', 'a_j', 'a_g', 'a_t', 'y', 'yr', 'yrs', 'year', 'years') AND `record`.`value_limit` > 89)
    OR (LOWER(`record`.`unit`) IN ('mo', 'mo_j', 'mo_g', 'mo_s', 'month', 'months') AND `record`.`value_limit` > 1079)
    OR (LOWER(`record`.`unit_code`) IN ('a', 'a_j', 'a_g', 'a_t', 'y', 'yr', 'yrs', 'year', 'years') AND `record`.`value_limit` > 89)
    OR (LOWER(`record`.`unit_code`) IN ('mo', 'mo_j', 'mo_g', 'mo_s', 'month', 'months') AND `record`.`value_limit` > 1079) THEN NULL ELSE `record`.`value_limit` END AS value_limit,
  CASE WHEN REGEXP_CONTAINS(`record`.`value_code`, r'^[!-~]{1,64}$') THEN `record`.`value_code` END AS value_code,
  CASE WHEN `record`.`value_system` IN ('http://loinc.org', 'http://snomed.info/sct', 'http://unitsofmeasure.org', 'http://www.nlm.nih.gov/research/umls/rxnorm', 'http://www.ama-assn.org/go/cpt', 'http://hl7.org/fhir/sid/cvx', 'http://hl7.org/fhir/sid/icd-10-cm', 'http://hl7.org/fhir/sid/icd-9-cm', 'http://hl7.org/fhir/sid/ndc') OR `record`.`value_system` LIKE 'http://terminology.hl7.org/%' THEN `record`.`value_system` END AS value_system,
  CASE WHEN REGEXP_CONTAINS(`record`.`unit_code`, r'^[!-~]{1,64}$') THEN `record`.`unit_code` END AS unit_code,
  CASE WHEN `record`.`absent_reason` IN ('unknown', 'asked-unknown', 'temp-unknown', 'not-asked', 'asked-declined', 'masked', 'not-applicable', 'unsupported', 'as-text', 'error', 'not-a-number', 'negative-infinity', 'positive-infinity', 'not-performed', 'not-permitted') THEN `record`.`absent_reason` END AS absent_reason,
  CASE WHEN (LOWER(`record`.`unit`) IN ('a', 'a_j', 'a_g', 'a_t', 'y', 'yr', 'yrs', 'year', 'years') AND `record`.`reference_low` > 89)
    OR (LOWER(`record`.`unit`) IN ('mo', 'mo_j', 'mo_g', 'mo_s', 'month', 'months') AND `record`.`reference_low` > 1079)
    OR (LOWER(`record`.`unit_code`) IN ('a', 'a_j', 'a_g', 'a_t', 'y', 'yr', 'yrs', 'year', 'years') AND `record`.`reference_low` > 89)
    OR (LOWER(`record`.`unit_code`) IN ('mo', 'mo_j', 'mo_g', 'mo_s', 'month', 'months') AND `record`.`reference_low` > 1079) THEN NULL ELSE `record`.`reference_low` END AS reference_low,
  CASE WHEN (LOWER(`record`.`unit`) IN ('a', 'a_j', 'a_g', 'a_t', 'y', 'yr', 'yrs', 'year', 'years') AND `record`.`reference_high` > 89)
    OR (LOWER(`record`.`unit`) IN ('mo', 'mo_j', 'mo_g', 'mo_s', 'month', 'months') AND `record`.`reference_high` > 1079)
    OR (LOWER(`record`.`unit_code`) IN ('a', 'a_j', 'a_g', 'a_t', 'y', 'yr', 'yrs', 'year', 'years') AND `record`.`reference_high` > 89)
    OR (LOWER(`record`.`unit_code`) IN ('mo', 'mo_j', 'mo_g', 'mo_s', 'month', 'months') AND `record`.`reference_high` > 1079) THEN NULL ELSE `record`.`reference_high` END AS reference_high,
  ARRAY(SELECT code FROM UNNEST(`record`.`interpretation_codes`) AS code WHERE code IN ('A', 'AA', 'H', 'HH', 'L', 'LL', 'N', 'POS', 'NEG', 'IND', 'R', 'S', 'I', 'U', 'D', 'B', 'W')) AS interpretation_codes,
  CASE WHEN `record`.`status` IN ('registered', 'preliminary', 'final', 'amended', 'corrected', 'cancelled', 'entered-in-error', 'unknown') THEN `record`.`status` END AS status,
  CASE WHEN EXTRACT(YEAR FROM `record`.`collected_ts`) > EXTRACT(YEAR FROM CURRENT_DATE) - 90 THEN EXTRACT(YEAR FROM `record`.`collected_ts`) END AS collected_year,
  CASE WHEN EXTRACT(YEAR FROM `record`.`reported_ts`) > EXTRACT(YEAR FROM CURRENT_DATE) - 90 THEN EXTRACT(YEAR FROM `record`.`reported_ts`) END AS reported_year,
  CASE WHEN `record`.`source_type` IN ('Patient', 'Encounter', 'Appointment', 'Observation') THEN `record`.`source_type` END AS source_type,
  `record`.`is_active` AS is_active,
  CASE WHEN `record`.`record_state` IN ('active', 'inactive', 'merged', 'retracted', 'missing', 'erased') THEN `record`.`record_state` END AS record_state
FROM `${dataset}.lab_results_current` AS record
JOIN `${dataset}.deidentification_keys` AS lab_result_id_key
  ON lab_result_id_key.id = `record`.`lab_result_id`
LEFT JOIN `${dataset}.deidentification_keys` AS patient_id_key
  ON patient_id_key.id = `record`.`patient_id`
LEFT JOIN `${dataset}.deidentification_keys` AS appointment_id_key
  ON appointment_id_key.id = `record`.`appointment_id`;
