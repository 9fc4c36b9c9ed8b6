-- Written by `npm run generate` from the contract. ${dataset} stands for project.dataset.
SELECT
  appointment_id_key.surrogate AS appointment_key,
  patient_id_key.surrogate AS patient_key,
  CASE WHEN EXTRACT(YEAR FROM `record`.`date`) > EXTRACT(YEAR FROM CURRENT_DATE) - 90 THEN EXTRACT(YEAR FROM `record`.`date`) END AS date_year,
  CASE WHEN EXTRACT(YEAR FROM `record`.`start_ts`) > EXTRACT(YEAR FROM CURRENT_DATE) - 90 THEN EXTRACT(YEAR FROM `record`.`start_ts`) END AS start_year,
  CASE WHEN EXTRACT(YEAR FROM `record`.`end_ts`) > EXTRACT(YEAR FROM CURRENT_DATE) - 90 THEN EXTRACT(YEAR FROM `record`.`end_ts`) END AS end_year,
  CASE WHEN `record`.`status` IN ('planned', 'arrived', 'triaged', 'in-progress', 'onleave', 'finished', 'discharged', 'cancelled', 'discontinued', 'entered-in-error', 'unknown', 'proposed', 'pending', 'booked', 'fulfilled', 'noshow', 'checked-in', 'waitlist') THEN `record`.`status` END AS status,
  CASE WHEN `record`.`class_code` IN ('AMB', 'EMER', 'FLD', 'HH', 'IMP', 'ACUTE', 'NONAC', 'OBSENC', 'PRENC', 'SS', 'VR') THEN `record`.`class_code` END AS class_code,
  CASE WHEN REGEXP_CONTAINS(`record`.`type_code`, r'^[!-~]{1,64}$') THEN `record`.`type_code` END AS type_code,
  CASE WHEN `record`.`type_system` IN ('http://loinc.org', 'http://snomed.info/sct', 'http://unitsofmeasure.org', 'http://www.nlm.nih.gov/research/umls/rxnorm', 'http://www.ama-assn.org/go/cpt', 'http://hl7.org/fhir/sid/cvx', 'http://hl7.org/fhir/sid/icd-10-cm', 'http://hl7.org/fhir/sid/icd-9-cm', 'http://hl7.org/fhir/sid/ndc') OR `record`.`type_system` LIKE 'http://terminology.hl7.org/%' THEN `record`.`type_system` END AS type_system,
  CASE WHEN `record`.`source_type` IN ('Patient', 'Encounter', 'Appointment', 'Observation') THEN `record`.`source_type` END AS source_type,
  `record`.`is_active` AS is_active,
  CASE WHEN `record`.`record_state` IN ('active', 'inactive', 'merged', 'retracted', 'missing', 'erased') THEN `record`.`record_state` END AS record_state
FROM `${dataset}.appointments_current` AS record
JOIN `${dataset}.deidentification_keys` AS appointment_id_key
  ON appointment_id_key.id = `record`.`appointment_id`
LEFT JOIN `${dataset}.deidentification_keys` AS patient_id_key
  ON patient_id_key.id = `record`.`patient_id`
