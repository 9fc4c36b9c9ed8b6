-- Written by `npm run generate` from the contract. ${dataset} stands for project.dataset.
-- Way A: the table that a BigQuery subscription keeps by upserts.
CREATE TABLE IF NOT EXISTS `${dataset}.appointments` (
  `appointment_id` STRING NOT NULL OPTIONS (description = "Id of the appointment record in this service. It has the form `<source>:<Type>:<id>`; treat it as one opaque text. Visits (`source_type` Encounter) and bookings (`source_type` Appointment) stand side by side."),
  `patient_id` STRING NOT NULL OPTIONS (description = "Id of the patient. The patient's own record may arrive later, or never. A reference that names no id ends the id as the source wrote it (`ehr:Patient:?identifier=…`)."),
  `date` DATE OPTIONS (description = "Calendar day of the visit at the hospital: as written when the source wrote a local offset, computed in the hospital's time zone when it wrote UTC. Null when there is no start yet. It is not the day the record was made."),
  `start_ts` TIMESTAMP OPTIONS (description = "Start as the source wrote it, offset kept: the actual start of an Encounter, the planned start of an Appointment. Null when it gives no full time."),
  `end_ts` TIMESTAMP OPTIONS (description = "End as the source wrote it, offset kept: actual for an Encounter, planned for an Appointment. Null when it gives none."),
  `start_text` STRING OPTIONS (description = "Start as the source wrote it, whole or in part (`2026-01`, `2026-01-12`); null when it wrote none."),
  `end_text` STRING OPTIONS (description = "End as the source wrote it, whole or in part (`2026-01`, `2026-01-12`); null when it wrote none."),
  `status` STRING OPTIONS (description = "Status code of the source; the two that FHIR R5 renamed have their R4 names (`finished`, `onleave`). It means something else for an Encounter than for an Appointment (`arrived` is in both lists): read it together with `source_type`."),
  `class_code` STRING OPTIONS (description = "Class of the visit, such as ambulatory or emergency (HL7 v3 ActCode). Null for most bookings."),
  `type_code` STRING OPTIONS (description = "Code of the kind of visit, SNOMED CT before a local code."),
  `type_system` STRING OPTIONS (description = "Code system of `type_code`, usually a URI."),
  `type_text` STRING OPTIONS (description = "Kind of visit in words, as the source wrote it."),
  `reason` STRING OPTIONS (description = "Why the visit takes place, in the source's words; it may hold a diagnosis. It is not a confirmed diagnosis."),
  `practitioner` STRING OPTIONS (description = "Name of the practitioner in charge, as written. It is not an identifier."),
  `location` STRING OPTIONS (description = "Where the visit takes place, as written."),
  `department` STRING OPTIONS (description = "Department or organisation that gives the service, as written."),
  `booking_id` STRING OPTIONS (description = "Id of the Appointment record that this Encounter fulfils; null otherwise. Count a visit once by leaving out bookings that another record names here."),
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
  PRIMARY KEY (`appointment_id`) NOT ENFORCED
)
CLUSTER BY `appointment_id`, `patient_id`
OPTIONS (description = "One visit (FHIR Encounter) or one booking (FHIR Appointment). Every field is always there; null says that the source gives nothing.", max_staleness = INTERVAL 15 MINUTE);

-- Way B: the log that Dataflow appends to, and in place of the table a view of its latest state.
CREATE TABLE IF NOT EXISTS `${dataset}.appointments_log` (
  `appointment_id` STRING NOT NULL OPTIONS (description = "Id of the appointment record in this service. It has the form `<source>:<Type>:<id>`; treat it as one opaque text. Visits (`source_type` Encounter) and bookings (`source_type` Appointment) stand side by side."),
  `patient_id` STRING NOT NULL OPTIONS (description = "Id of the patient. The patient's own record may arrive later, or never. A reference that names no id ends the id as the source wrote it (`ehr:Patient:?identifier=…`)."),
  `date` DATE OPTIONS (description = "Calendar day of the visit at the hospital: as written when the source wrote a local offset, computed in the hospital's time zone when it wrote UTC. Null when there is no start yet. It is not the day the record was made."),
  `start_ts` TIMESTAMP OPTIONS (description = "Start as the source wrote it, offset kept: the actual start of an Encounter, the planned start of an Appointment. Null when it gives no full time."),
  `end_ts` TIMESTAMP OPTIONS (description = "End as the source wrote it, offset kept: actual for an Encounter, planned for an Appointment. Null when it gives none."),
  `start_text` STRING OPTIONS (description = "Start as the source wrote it, whole or in part (`2026-01`, `2026-01-12`); null when it wrote none."),
  `end_text` STRING OPTIONS (description = "End as the source wrote it, whole or in part (`2026-01`, `2026-01-12`); null when it wrote none."),
  `status` STRING OPTIONS (description = "Status code of the source; the two that FHIR R5 renamed have their R4 names (`finished`, `onleave`). It means something else for an Encounter than for an Appointment (`arrived` is in both lists): read it together with `source_type`."),
  `class_code` STRING OPTIONS (description = "Class of the visit, such as ambulatory or emergency (HL7 v3 ActCode). Null for most bookings."),
  `type_code` STRING OPTIONS (description = "Code of the kind of visit, SNOMED CT before a local code."),
  `type_system` STRING OPTIONS (description = "Code system of `type_code`, usually a URI."),
  `type_text` STRING OPTIONS (description = "Kind of visit in words, as the source wrote it."),
  `reason` STRING OPTIONS (description = "Why the visit takes place, in the source's words; it may hold a diagnosis. It is not a confirmed diagnosis."),
  `practitioner` STRING OPTIONS (description = "Name of the practitioner in charge, as written. It is not an identifier."),
  `location` STRING OPTIONS (description = "Where the visit takes place, as written."),
  `department` STRING OPTIONS (description = "Department or organisation that gives the service, as written."),
  `booking_id` STRING OPTIONS (description = "Id of the Appointment record that this Encounter fulfils; null otherwise. Count a visit once by leaving out bookings that another record names here."),
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
OPTIONS (description = "Every message of appointments, as it came");

-- CREATE OR REPLACE VIEW `${dataset}.appointments` AS
-- SELECT
--   `appointment_id`,
--   `patient_id`,
--   `date`,
--   `start_ts`,
--   `end_ts`,
--   `start_text`,
--   `end_text`,
--   `status`,
--   `class_code`,
--   `type_code`,
--   `type_system`,
--   `type_text`,
--   `reason`,
--   `practitioner`,
--   `location`,
--   `department`,
--   `booking_id`,
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
-- FROM `${dataset}.appointments_log`
-- WHERE TRUE
-- QUALIFY change_type != 'DELETE' AND ROW_NUMBER() OVER (
--   PARTITION BY `appointment_id`
--   ORDER BY LPAD(UPPER(IFNULL(SPLIT(change_sequence_number, '/')[SAFE_OFFSET(0)], '')), 16, '0') DESC, LPAD(UPPER(IFNULL(SPLIT(change_sequence_number, '/')[SAFE_OFFSET(1)], '')), 16, '0') DESC
-- ) = 1;

-- Either way: what analysts read.
CREATE OR REPLACE VIEW `${dataset}.appointments_current` AS
SELECT
  `record`.`appointment_id`,
  `record`.`patient_id`,
  `record`.`date`,
  `record`.`start_ts`,
  `record`.`end_ts`,
  `record`.`start_text`,
  `record`.`end_text`,
  `record`.`status`,
  `record`.`class_code`,
  `record`.`type_code`,
  `record`.`type_system`,
  `record`.`type_text`,
  `record`.`reason`,
  `record`.`practitioner`,
  `record`.`location`,
  `record`.`department`,
  `record`.`booking_id`,
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
FROM `${dataset}.appointments` AS record
WHERE `record`.`record_state` != 'merged' AND `record`.`deleted_ts` IS NULL;

CREATE OR REPLACE VIEW `${dataset}.appointments_deidentified` AS
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
  ON patient_id_key.id = `record`.`patient_id`;
