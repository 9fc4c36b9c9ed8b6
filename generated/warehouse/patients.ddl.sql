-- Written by `npm run generate` from the contract. ${dataset} stands for project.dataset.
-- Way A: the table that a BigQuery subscription keeps by upserts.
CREATE TABLE IF NOT EXISTS `${dataset}.patients` (
  `patient_id` STRING NOT NULL OPTIONS (description = "Id of the patient record in this service. It has the form `<source>:<Type>:<id>`; treat it as one opaque text. One person may have several records until they are merged."),
  `name` STRING OPTIONS (description = "Full name for display, in the order the source writes it: official and current before any other use; null when the source gives no name that holds."),
  `family_name` STRING OPTIONS (description = "Family name as written."),
  `given_names` ARRAY<STRING> OPTIONS (description = "Given names in the source's order, middle names among them; empty when it gives none."),
  `name_suffix` STRING OPTIONS (description = "Suffix of the name, such as `Jr.`; several are joined by a space."),
  `dob` DATE OPTIONS (description = "Date of birth when the whole date is known; null otherwise. A part of a date stands in `dob_text` and is never completed."),
  `dob_text` STRING OPTIONS (description = "Date of birth as the source wrote it, whole or in part (`1970`, `1970-05`); null when it wrote none."),
  `gender` STRING OPTIONS (description = "Administrative gender, as the source registers it. It is neither the sex at birth nor the gender identity."),
  `deceased` BOOL OPTIONS (description = "Whether the source says that the patient died; null when it does not say. Do not infer it from `deceased_ts` or from `is_active`."),
  `deceased_ts` TIMESTAMP OPTIONS (description = "When the patient died, as the source wrote it, offset kept; null when the patient lives, or the source gives no full time."),
  `deceased_text` STRING OPTIONS (description = "Time of death as the source wrote it, whole or in part (`2024`, `2024-03-02`); null when it wrote none."),
  `mrn` STRING OPTIONS (description = "Medical record number, chosen by its type code and assigner; never one that the source marks as old. Unique only together with `mrn_system`."),
  `mrn_system` STRING OPTIONS (description = "Who assigned `mrn`: the identifier's system, usually a URI."),
  `phone` STRING OPTIONS (description = "Phone number that holds at present, as written. It is not normalised."),
  `email` STRING OPTIONS (description = "E-mail address that holds at present, as written. It is not verified."),
  `address` STRUCT<`lines` ARRAY<STRING>, `city` STRING, `state` STRING, `postal_code` STRING, `country` STRING> OPTIONS (description = "Postal address that holds at present; null when the source gives none. An address that ended, and birth places, are never shown here."),
  `replaced_by_patient_id` STRING OPTIONS (description = "Id of the patient record that replaces this one after a merge; null otherwise. Follow it until a record has none."),
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
  PRIMARY KEY (`patient_id`) NOT ENFORCED
)
CLUSTER BY `patient_id`
OPTIONS (description = "One registration of a patient. Every field is always there; null says that the source gives nothing.", max_staleness = INTERVAL 15 MINUTE);

-- Way B: the log that Dataflow appends to, and in place of the table a view of its latest state.
CREATE TABLE IF NOT EXISTS `${dataset}.patients_log` (
  `patient_id` STRING NOT NULL OPTIONS (description = "Id of the patient record in this service. It has the form `<source>:<Type>:<id>`; treat it as one opaque text. One person may have several records until they are merged."),
  `name` STRING OPTIONS (description = "Full name for display, in the order the source writes it: official and current before any other use; null when the source gives no name that holds."),
  `family_name` STRING OPTIONS (description = "Family name as written."),
  `given_names` ARRAY<STRING> OPTIONS (description = "Given names in the source's order, middle names among them; empty when it gives none."),
  `name_suffix` STRING OPTIONS (description = "Suffix of the name, such as `Jr.`; several are joined by a space."),
  `dob` DATE OPTIONS (description = "Date of birth when the whole date is known; null otherwise. A part of a date stands in `dob_text` and is never completed."),
  `dob_text` STRING OPTIONS (description = "Date of birth as the source wrote it, whole or in part (`1970`, `1970-05`); null when it wrote none."),
  `gender` STRING OPTIONS (description = "Administrative gender, as the source registers it. It is neither the sex at birth nor the gender identity."),
  `deceased` BOOL OPTIONS (description = "Whether the source says that the patient died; null when it does not say. Do not infer it from `deceased_ts` or from `is_active`."),
  `deceased_ts` TIMESTAMP OPTIONS (description = "When the patient died, as the source wrote it, offset kept; null when the patient lives, or the source gives no full time."),
  `deceased_text` STRING OPTIONS (description = "Time of death as the source wrote it, whole or in part (`2024`, `2024-03-02`); null when it wrote none."),
  `mrn` STRING OPTIONS (description = "Medical record number, chosen by its type code and assigner; never one that the source marks as old. Unique only together with `mrn_system`."),
  `mrn_system` STRING OPTIONS (description = "Who assigned `mrn`: the identifier's system, usually a URI."),
  `phone` STRING OPTIONS (description = "Phone number that holds at present, as written. It is not normalised."),
  `email` STRING OPTIONS (description = "E-mail address that holds at present, as written. It is not verified."),
  `address` STRUCT<`lines` ARRAY<STRING>, `city` STRING, `state` STRING, `postal_code` STRING, `country` STRING> OPTIONS (description = "Postal address that holds at present; null when the source gives none. An address that ended, and birth places, are never shown here."),
  `replaced_by_patient_id` STRING OPTIONS (description = "Id of the patient record that replaces this one after a merge; null otherwise. Follow it until a record has none."),
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
OPTIONS (description = "Every message of patients, as it came");

-- CREATE OR REPLACE VIEW `${dataset}.patients` AS
-- SELECT
--   `patient_id`,
--   `name`,
--   `family_name`,
--   `given_names`,
--   `name_suffix`,
--   `dob`,
--   `dob_text`,
--   `gender`,
--   `deceased`,
--   `deceased_ts`,
--   `deceased_text`,
--   `mrn`,
--   `mrn_system`,
--   `phone`,
--   `email`,
--   `address`,
--   `replaced_by_patient_id`,
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
-- FROM `${dataset}.patients_log`
-- WHERE TRUE
-- QUALIFY change_type != 'DELETE' AND ROW_NUMBER() OVER (
--   PARTITION BY `patient_id`
--   ORDER BY LPAD(UPPER(IFNULL(SPLIT(change_sequence_number, '/')[SAFE_OFFSET(0)], '')), 16, '0') DESC, LPAD(UPPER(IFNULL(SPLIT(change_sequence_number, '/')[SAFE_OFFSET(1)], '')), 16, '0') DESC
-- ) = 1;

-- Either way: what analysts read.
CREATE OR REPLACE VIEW `${dataset}.patients_current` AS
SELECT
  `record`.`patient_id`,
  `record`.`name`,
  `record`.`family_name`,
  `record`.`given_names`,
  `record`.`name_suffix`,
  `record`.`dob`,
  `record`.`dob_text`,
  `record`.`gender`,
  `record`.`deceased`,
  `record`.`deceased_ts`,
  `record`.`deceased_text`,
  `record`.`mrn`,
  `record`.`mrn_system`,
  `record`.`phone`,
  `record`.`email`,
  `record`.`address`,
  `record`.`replaced_by_patient_id`,
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
FROM `${dataset}.patients` AS record
WHERE `record`.`record_state` != 'merged' AND `record`.`deleted_ts` IS NULL;

CREATE OR REPLACE VIEW `${dataset}.patients_deidentified` AS
SELECT
  patient_id_key.surrogate AS patient_key,
  CASE WHEN EXTRACT(YEAR FROM `record`.`dob`) > EXTRACT(YEAR FROM CURRENT_DATE) - 90 THEN EXTRACT(YEAR FROM `record`.`dob`) END AS dob_year,
  CASE WHEN `record`.`gender` IN ('male', 'female', 'other', 'unknown') THEN `record`.`gender` END AS gender,
  `record`.`deceased` AS deceased,
  CASE WHEN EXTRACT(YEAR FROM `record`.`deceased_ts`) > EXTRACT(YEAR FROM CURRENT_DATE) - 90 THEN EXTRACT(YEAR FROM `record`.`deceased_ts`) END AS deceased_year,
  CASE WHEN UPPER(TRIM(`record`.`address`.`state`)) IN ('AL', 'ALABAMA', 'AK', 'ALASKA', 'AZ', 'ARIZONA', 'AR', 'ARKANSAS', 'CA', 'CALIFORNIA', 'CO', 'COLORADO', 'CT', 'CONNECTICUT', 'DE', 'DELAWARE', 'DC', 'DISTRICT OF COLUMBIA', 'FL', 'FLORIDA', 'GA', 'GEORGIA', 'HI', 'HAWAII', 'ID', 'IDAHO', 'IL', 'ILLINOIS', 'IN', 'INDIANA', 'IA', 'IOWA', 'KS', 'KANSAS', 'KY', 'KENTUCKY', 'LA', 'LOUISIANA', 'ME', 'MAINE', 'MD', 'MARYLAND', 'MA', 'MASSACHUSETTS', 'MI', 'MICHIGAN', 'MN', 'MINNESOTA', 'MS', 'MISSISSIPPI', 'MO', 'MISSOURI', 'MT', 'MONTANA', 'NE', 'NEBRASKA', 'NV', 'NEVADA', 'NH', 'NEW HAMPSHIRE', 'NJ', 'NEW JERSEY', 'NM', 'NEW MEXICO', 'NY', 'NEW YORK', 'NC', 'NORTH CAROLINA', 'ND', 'NORTH DAKOTA', 'OH', 'OHIO', 'OK', 'OKLAHOMA', 'OR', 'OREGON', 'PA', 'PENNSYLVANIA', 'RI', 'RHODE ISLAND', 'SC', 'SOUTH CAROLINA', 'SD', 'SOUTH DAKOTA', 'TN', 'TENNESSEE', 'TX', 'TEXAS', 'UT', 'UTAH', 'VT', 'VERMONT', 'VA', 'VIRGINIA', 'WA', 'WASHINGTON', 'WV', 'WEST VIRGINIA', 'WI', 'WISCONSIN', 'WY', 'WYOMING') THEN UPPER(TRIM(`record`.`address`.`state`)) END AS address_state,
  CASE WHEN REGEXP_CONTAINS(TRIM(`record`.`address`.`postal_code`), r'^[0-9]{5}(-?[0-9]{4})?$')
    AND (UPPER(TRIM(`record`.`address`.`country`)) IN ('US', 'USA', 'U.S.', 'U.S.A.', 'UNITED STATES', 'UNITED STATES OF AMERICA') OR (`record`.`address`.`country` IS NULL AND UPPER(TRIM(`record`.`address`.`state`)) IN ('AL', 'ALABAMA', 'AK', 'ALASKA', 'AZ', 'ARIZONA', 'AR', 'ARKANSAS', 'CA', 'CALIFORNIA', 'CO', 'COLORADO', 'CT', 'CONNECTICUT', 'DE', 'DELAWARE', 'DC', 'DISTRICT OF COLUMBIA', 'FL', 'FLORIDA', 'GA', 'GEORGIA', 'HI', 'HAWAII', 'ID', 'IDAHO', 'IL', 'ILLINOIS', 'IN', 'INDIANA', 'IA', 'IOWA', 'KS', 'KANSAS', 'KY', 'KENTUCKY', 'LA', 'LOUISIANA', 'ME', 'MAINE', 'MD', 'MARYLAND', 'MA', 'MASSACHUSETTS', 'MI', 'MICHIGAN', 'MN', 'MINNESOTA', 'MS', 'MISSISSIPPI', 'MO', 'MISSOURI', 'MT', 'MONTANA', 'NE', 'NEBRASKA', 'NV', 'NEVADA', 'NH', 'NEW HAMPSHIRE', 'NJ', 'NEW JERSEY', 'NM', 'NEW MEXICO', 'NY', 'NEW YORK', 'NC', 'NORTH CAROLINA', 'ND', 'NORTH DAKOTA', 'OH', 'OHIO', 'OK', 'OKLAHOMA', 'OR', 'OREGON', 'PA', 'PENNSYLVANIA', 'RI', 'RHODE ISLAND', 'SC', 'SOUTH CAROLINA', 'SD', 'SOUTH DAKOTA', 'TN', 'TENNESSEE', 'TX', 'TEXAS', 'UT', 'UTAH', 'VT', 'VERMONT', 'VA', 'VIRGINIA', 'WA', 'WASHINGTON', 'WV', 'WEST VIRGINIA', 'WI', 'WISCONSIN', 'WY', 'WYOMING')))
    THEN CASE WHEN SUBSTR(TRIM(`record`.`address`.`postal_code`), 1, 3) IN ('036', '059', '063', '102', '203', '556', '692', '790', '821', '823', '830', '831', '878', '879', '884', '890', '893') THEN '000' ELSE SUBSTR(TRIM(`record`.`address`.`postal_code`), 1, 3) END END AS address_postal_code,
  CASE WHEN UPPER(TRIM(`record`.`address`.`country`)) IN ('US', 'USA', 'U.S.', 'U.S.A.', 'UNITED STATES', 'UNITED STATES OF AMERICA') THEN 'US' WHEN `record`.`address`.`country` IS NOT NULL THEN 'other' END AS address_country,
  CASE WHEN `record`.`source_type` IN ('Patient', 'Encounter', 'Appointment', 'Observation') THEN `record`.`source_type` END AS source_type,
  `record`.`is_active` AS is_active,
  CASE WHEN `record`.`record_state` IN ('active', 'inactive', 'merged', 'retracted', 'missing', 'erased') THEN `record`.`record_state` END AS record_state
FROM `${dataset}.patients_current` AS record
JOIN `${dataset}.deidentification_keys` AS patient_id_key
  ON patient_id_key.id = `record`.`patient_id`;
