-- Written by `npm run generate` from the contract. ${dataset} stands for project.dataset.
SELECT
  `patient_id`,
  `name`,
  `family_name`,
  `given_names`,
  `name_suffix`,
  `dob`,
  `dob_text`,
  `gender`,
  `deceased`,
  `deceased_ts`,
  `deceased_text`,
  `mrn`,
  `mrn_system`,
  `phone`,
  `email`,
  `address`,
  `replaced_by_patient_id`,
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
FROM `${dataset}.patients_log`
WHERE TRUE
QUALIFY change_type != 'DELETE' AND ROW_NUMBER() OVER (
  PARTITION BY `patient_id`
  ORDER BY LPAD(UPPER(IFNULL(SPLIT(change_sequence_number, '/')[SAFE_OFFSET(0)], '')), 16, '0') DESC, LPAD(UPPER(IFNULL(SPLIT(change_sequence_number, '/')[SAFE_OFFSET(1)], '')), 16, '0') DESC
) = 1
