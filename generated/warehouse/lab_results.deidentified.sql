-- Written by `npm run generate` from the contract. ${dataset} stands for project.dataset.
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
  ON appointment_id_key.id = `record`.`appointment_id`
