-- Written by `npm run generate` from the contract. ${dataset} stands for project.dataset.
SELECT
  `lab_result_id`,
  `patient_id`,
  `appointment_id`,
  `panel_id`,
  `test_code`,
  `test_system`,
  `test_name`,
  `value_number`,
  `value_comparator`,
  `value_limit`,
  `value_text`,
  `value_code`,
  `value_system`,
  `unit`,
  `unit_code`,
  `absent_reason`,
  `reference_low`,
  `reference_high`,
  `reference_text`,
  `interpretation_codes`,
  `note`,
  `specimen`,
  `status`,
  `collected_ts`,
  `collected_text`,
  `reported_ts`,
  `source`,
  `source_type`,
  `source_id`,
  `security_labels`,
  `created_ts`,
  `updated_ts`,
  `created_by`,
  `updated_by`,
  `is_active`,
  `record_state`,
  `deleted_ts`,
  `version`
FROM `${dataset}.lab_results_log`
WHERE TRUE
QUALIFY change_type != 'DELETE' AND ROW_NUMBER() OVER (
  PARTITION BY `lab_result_id`
  ORDER BY LPAD(UPPER(IFNULL(SPLIT(change_sequence_number, '/')[SAFE_OFFSET(0)], '')), 16, '0') DESC, LPAD(UPPER(IFNULL(SPLIT(change_sequence_number, '/')[SAFE_OFFSET(1)], '')), 16, '0') DESC
) = 1
