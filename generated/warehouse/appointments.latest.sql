-- Written by `npm run generate` from the contract. ${dataset} stands for project.dataset.
SELECT
  `appointment_id`,
  `patient_id`,
  `date`,
  `start_ts`,
  `end_ts`,
  `start_text`,
  `end_text`,
  `status`,
  `class_code`,
  `type_code`,
  `type_system`,
  `type_text`,
  `reason`,
  `practitioner`,
  `location`,
  `department`,
  `booking_id`,
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
FROM `${dataset}.appointments_log`
WHERE TRUE
QUALIFY change_type != 'DELETE' AND ROW_NUMBER() OVER (
  PARTITION BY `appointment_id`
  ORDER BY LPAD(UPPER(IFNULL(SPLIT(change_sequence_number, '/')[SAFE_OFFSET(0)], '')), 16, '0') DESC, LPAD(UPPER(IFNULL(SPLIT(change_sequence_number, '/')[SAFE_OFFSET(1)], '')), 16, '0') DESC
) = 1
