-- Written by `npm run generate` from the contract. ${dataset} stands for project.dataset.
INSERT INTO `${dataset}.deidentification_keys` (id, surrogate)
SELECT found.id, GENERATE_UUID()
FROM (
  SELECT `record`.`patient_id` AS id FROM `${dataset}.patients` AS record
  UNION DISTINCT
  SELECT `record`.`appointment_id` AS id FROM `${dataset}.appointments` AS record
  UNION DISTINCT
  SELECT `record`.`patient_id` AS id FROM `${dataset}.appointments` AS record
  UNION DISTINCT
  SELECT `record`.`lab_result_id` AS id FROM `${dataset}.lab_results` AS record
  UNION DISTINCT
  SELECT `record`.`patient_id` AS id FROM `${dataset}.lab_results` AS record
  UNION DISTINCT
  SELECT `record`.`appointment_id` AS id FROM `${dataset}.lab_results` AS record
) AS found
LEFT JOIN `${dataset}.deidentification_keys` AS known ON known.id = found.id
WHERE known.id IS NULL AND found.id IS NOT NULL;
