"""Singer tap of the Hospital Streaming API, version 1.1.0: one stream a collection.

Written by `npm run generate` from the contract; do not edit. Needs `singer-sdk >= 0.54`.

    python tap_hospital_streaming_api.py --config config.json --state state.json
"""

from __future__ import annotations

import json
from urllib.parse import parse_qsl

from singer_sdk import RESTStream, Tap
from singer_sdk import typing as th
from singer_sdk.authenticators import APIKeyAuthenticator
from singer_sdk.pagination import HeaderLinkPaginator


class CollectionStream(RESTStream):
    """One collection, in the order in which its changes became visible."""

    replication_key = "updated_ts"
    is_sorted = True
    records_jsonpath = "$[*]"

    def __init__(self, tap, definition):
        self.definition = definition
        self.primary_keys = (definition["id"],)
        super().__init__(
            tap, name=definition["name"], path="/" + definition["name"], schema=definition["schema"]
        )

    @property
    def url_base(self):
        return self.config["base_url"].rstrip("/")

    @property
    def authenticator(self):
        return APIKeyAuthenticator(
            key=self.definition["key_header"],
            value=self.config[self.definition["key_setting"]],
            location="header",
        )

    def get_new_paginator(self):
        """Follows Link. Next-Cursor stands on every page, so that following it would never end."""
        return HeaderLinkPaginator()

    def get_url_params(self, context, next_page_token):
        if next_page_token:
            return dict(parse_qsl(next_page_token.query))
        since = self.get_starting_replication_key_value(context) or self.config["start_date"]
        return {"limit": 1000, "updated_since": since}

    def backoff_max_tries(self):
        return 10

    def backoff_wait_generator(self):
        return self.backoff_runtime(value=seconds_to_wait)


def seconds_to_wait(error):
    """What the service asks for, else five seconds."""
    response = getattr(error, "response", None)
    asked = response.headers.get("Retry-After", "") if response is not None else ""
    return int(asked) if asked.isdigit() else 5


class HospitalStreamingApiTap(Tap):
    """The collections that a key is configured for."""

    name = "tap-hospital-streaming-api"

    @property
    def config_jsonschema(self):
        return CONFIG.to_dict()

    def discover_streams(self):
        streams = [d for d in STREAMS if self.config.get(d["key_setting"])]
        if not streams:
            wanted = ", ".join(d["key_setting"] for d in STREAMS)
            raise ValueError(f"no key is configured: set at least one of {wanted}")
        return [CollectionStream(self, definition) for definition in streams]


CONFIG = th.PropertiesList(
    th.Property("base_url", th.StringType, required=True),
    th.Property("start_date", th.StringType, default="1970-01-01T00:00:00.000000Z"),
    th.Property("patients_key", th.StringType, secret=True),
    th.Property("appointments_key", th.StringType, secret=True),
    th.Property("lab_results_key", th.StringType, secret=True),
)

STREAMS = json.loads(
    r"""
[
  {
    "name": "patients",
    "id": "patient_id",
    "key_header": "x-api-key",
    "key_setting": "patients_key",
    "schema": {
      "description": "One registration of a patient. Every field is always there; null says that the source gives nothing.",
      "type": "object",
      "required": [
        "patient_id",
        "name",
        "family_name",
        "given_names",
        "name_suffix",
        "dob",
        "dob_text",
        "gender",
        "deceased",
        "deceased_ts",
        "deceased_text",
        "mrn",
        "mrn_system",
        "phone",
        "email",
        "address",
        "replaced_by_patient_id",
        "source",
        "source_type",
        "source_id",
        "security_labels",
        "created_ts",
        "updated_ts",
        "created_by",
        "updated_by",
        "is_active",
        "record_state",
        "deleted_ts",
        "version"
      ],
      "properties": {
        "patient_id": {
          "description": "Id of the patient record in this service. It has the form `<source>:<Type>:<id>`; treat it as one opaque text. One person may have several records until they are merged.",
          "type": "string"
        },
        "name": {
          "type": [
            "string",
            "null"
          ],
          "description": "Full name for display, in the order the source writes it: official and current before any other use; null when the source gives no name that holds."
        },
        "family_name": {
          "type": [
            "string",
            "null"
          ],
          "description": "Family name as written."
        },
        "given_names": {
          "type": "array",
          "description": "Given names in the source's order, middle names among them; empty when it gives none.",
          "items": {
            "description": "One given name.",
            "type": "string"
          }
        },
        "name_suffix": {
          "type": [
            "string",
            "null"
          ],
          "description": "Suffix of the name, such as `Jr.`; several are joined by a space."
        },
        "dob": {
          "type": [
            "string",
            "null"
          ],
          "description": "Date of birth when the whole date is known; null otherwise. A part of a date stands in `dob_text` and is never completed.",
          "format": "date"
        },
        "dob_text": {
          "type": [
            "string",
            "null"
          ],
          "description": "Date of birth as the source wrote it, whole or in part (`1970`, `1970-05`); null when it wrote none."
        },
        "gender": {
          "type": [
            "string",
            "null"
          ],
          "description": "Administrative gender, as the source registers it. It is neither the sex at birth nor the gender identity."
        },
        "deceased": {
          "type": [
            "boolean",
            "null"
          ],
          "description": "Whether the source says that the patient died; null when it does not say. Do not infer it from `deceased_ts` or from `is_active`."
        },
        "deceased_ts": {
          "type": [
            "string",
            "null"
          ],
          "description": "When the patient died, as the source wrote it, offset kept; null when the patient lives, or the source gives no full time.",
          "format": "date-time"
        },
        "deceased_text": {
          "type": [
            "string",
            "null"
          ],
          "description": "Time of death as the source wrote it, whole or in part (`2024`, `2024-03-02`); null when it wrote none."
        },
        "mrn": {
          "type": [
            "string",
            "null"
          ],
          "description": "Medical record number, chosen by its type code and assigner; never one that the source marks as old. Unique only together with `mrn_system`."
        },
        "mrn_system": {
          "type": [
            "string",
            "null"
          ],
          "description": "Who assigned `mrn`: the identifier's system, usually a URI."
        },
        "phone": {
          "type": [
            "string",
            "null"
          ],
          "description": "Phone number that holds at present, as written. It is not normalised."
        },
        "email": {
          "type": [
            "string",
            "null"
          ],
          "description": "E-mail address that holds at present, as written. It is not verified."
        },
        "address": {
          "description": "Postal address that holds at present; null when the source gives none. An address that ended, and birth places, are never shown here.",
          "type": [
            "object",
            "null"
          ],
          "required": [
            "lines",
            "city",
            "state",
            "postal_code",
            "country"
          ],
          "properties": {
            "lines": {
              "type": "array",
              "description": "Street lines as the source wrote them, in its order; empty when it gave none.",
              "items": {
                "description": "One street line.",
                "type": "string"
              }
            },
            "city": {
              "type": [
                "string",
                "null"
              ],
              "description": "City as written. It is not normalised."
            },
            "state": {
              "type": [
                "string",
                "null"
              ],
              "description": "State, province or region as written: a name or a code."
            },
            "postal_code": {
              "type": [
                "string",
                "null"
              ],
              "description": "Postal code as written, leading zeros kept."
            },
            "country": {
              "type": [
                "string",
                "null"
              ],
              "description": "Country as written: a name or a code."
            }
          }
        },
        "replaced_by_patient_id": {
          "type": [
            "string",
            "null"
          ],
          "description": "Id of the patient record that replaces this one after a merge; null otherwise. Follow it until a record has none."
        },
        "source": {
          "type": "string",
          "description": "Name that the operator gave the system that sent the record. It is the first part of the record id. It is not the name of the hospital or of a product."
        },
        "source_type": {
          "type": "string",
          "description": "Kind of the record in its source, such as the FHIR resource type. It is the second part of the record id. An `Encounter` is a visit that took place or is under way, an `Appointment` is a booking: the two use different status codes."
        },
        "source_id": {
          "type": "string",
          "description": "Id of the record in its source. It is the third part of the record id, and unique only together with `source` and `source_type`."
        },
        "security_labels": {
          "type": "array",
          "description": "Security labels that the source put on the record, each as `system|code`, in the source's order; empty when it put none. The service passes them on and does not act on them: who may see a labelled record is for the reader to decide.",
          "items": {
            "description": "One label: the code system, a bar, the code.",
            "type": "string"
          }
        },
        "created_ts": {
          "type": "string",
          "description": "When the service first stored the record, by the database's clock; UTC, always six fraction digits. It is not when the source made the record.",
          "format": "date-time"
        },
        "updated_ts": {
          "type": "string",
          "description": "Position of the record's latest change in the feed, as a time by the database's clock; UTC, always six fraction digits, so that the order of the text is the order of time. Unique in its collection, and never lower than one that was visible before. It is not when the source changed the record.",
          "format": "date-time"
        },
        "created_by": {
          "type": "string",
          "description": "Sending system or process that first brought the record in. It is not a person."
        },
        "updated_by": {
          "type": "string",
          "description": "Sending system or process that brought the latest change in. It is not a person."
        },
        "is_active": {
          "type": "boolean",
          "description": "True exactly when `record_state` is `active`. It says nothing about whether a patient lives, or a visit goes on."
        },
        "record_state": {
          "type": "string",
          "description": "Standing of the record. `active`: it counts. `inactive`: the source says it is not in use; the patient may well be alive. `merged`: another patient record replaces it, see `replaced_by_patient_id`; patients only. `retracted`: entered in error; the values of a retracted lab result are null. `missing`: no longer in a full extract of its source. `erased`: reserved; only ids and audit columns would remain."
        },
        "deleted_ts": {
          "type": [
            "string",
            "null"
          ],
          "description": "When the record became `retracted`, `missing` or `erased`; null in every other state. The record stays in the feed: a copy of it is to be deleted or marked. UTC, always six fraction digits.",
          "format": "date-time"
        },
        "version": {
          "type": "integer",
          "description": "Number of the record's version: 1 when it is first stored, one more with each change. A reader that keeps only the latest change of a record may miss numbers.",
          "format": "int32"
        }
      }
    }
  },
  {
    "name": "appointments",
    "id": "appointment_id",
    "key_header": "x-api-key",
    "key_setting": "appointments_key",
    "schema": {
      "description": "One visit (FHIR Encounter) or one booking (FHIR Appointment). Every field is always there; null says that the source gives nothing.",
      "type": "object",
      "required": [
        "appointment_id",
        "patient_id",
        "date",
        "start_ts",
        "end_ts",
        "start_text",
        "end_text",
        "status",
        "class_code",
        "type_code",
        "type_system",
        "type_text",
        "reason",
        "practitioner",
        "location",
        "department",
        "booking_id",
        "source",
        "source_type",
        "source_id",
        "security_labels",
        "created_ts",
        "updated_ts",
        "created_by",
        "updated_by",
        "is_active",
        "record_state",
        "deleted_ts",
        "version"
      ],
      "properties": {
        "appointment_id": {
          "description": "Id of the appointment record in this service. It has the form `<source>:<Type>:<id>`; treat it as one opaque text. Visits (`source_type` Encounter) and bookings (`source_type` Appointment) stand side by side.",
          "type": "string"
        },
        "patient_id": {
          "description": "Id of the patient. The patient's own record may arrive later, or never. A reference that names no id ends the id as the source wrote it (`ehr:Patient:?identifier=…`).",
          "type": "string"
        },
        "date": {
          "type": [
            "string",
            "null"
          ],
          "description": "Calendar day of the visit at the hospital: as written when the source wrote a local offset, computed in the hospital's time zone when it wrote UTC. Null when there is no start yet. It is not the day the record was made.",
          "format": "date"
        },
        "start_ts": {
          "type": [
            "string",
            "null"
          ],
          "description": "Start as the source wrote it, offset kept: the actual start of an Encounter, the planned start of an Appointment. Null when it gives no full time.",
          "format": "date-time"
        },
        "end_ts": {
          "type": [
            "string",
            "null"
          ],
          "description": "End as the source wrote it, offset kept: actual for an Encounter, planned for an Appointment. Null when it gives none.",
          "format": "date-time"
        },
        "start_text": {
          "type": [
            "string",
            "null"
          ],
          "description": "Start as the source wrote it, whole or in part (`2026-01`, `2026-01-12`); null when it wrote none."
        },
        "end_text": {
          "type": [
            "string",
            "null"
          ],
          "description": "End as the source wrote it, whole or in part (`2026-01`, `2026-01-12`); null when it wrote none."
        },
        "status": {
          "type": [
            "string",
            "null"
          ],
          "description": "Status code of the source; the two that FHIR R5 renamed have their R4 names (`finished`, `onleave`). It means something else for an Encounter than for an Appointment (`arrived` is in both lists): read it together with `source_type`."
        },
        "class_code": {
          "type": [
            "string",
            "null"
          ],
          "description": "Class of the visit, such as ambulatory or emergency (HL7 v3 ActCode). Null for most bookings."
        },
        "type_code": {
          "type": [
            "string",
            "null"
          ],
          "description": "Code of the kind of visit, SNOMED CT before a local code."
        },
        "type_system": {
          "type": [
            "string",
            "null"
          ],
          "description": "Code system of `type_code`, usually a URI."
        },
        "type_text": {
          "type": [
            "string",
            "null"
          ],
          "description": "Kind of visit in words, as the source wrote it."
        },
        "reason": {
          "type": [
            "string",
            "null"
          ],
          "description": "Why the visit takes place, in the source's words; it may hold a diagnosis. It is not a confirmed diagnosis."
        },
        "practitioner": {
          "type": [
            "string",
            "null"
          ],
          "description": "Name of the practitioner in charge, as written. It is not an identifier."
        },
        "location": {
          "type": [
            "string",
            "null"
          ],
          "description": "Where the visit takes place, as written."
        },
        "department": {
          "type": [
            "string",
            "null"
          ],
          "description": "Department or organisation that gives the service, as written."
        },
        "booking_id": {
          "type": [
            "string",
            "null"
          ],
          "description": "Id of the Appointment record that this Encounter fulfils; null otherwise. Count a visit once by leaving out bookings that another record names here."
        },
        "source": {
          "type": "string",
          "description": "Name that the operator gave the system that sent the record. It is the first part of the record id. It is not the name of the hospital or of a product."
        },
        "source_type": {
          "type": "string",
          "description": "Kind of the record in its source, such as the FHIR resource type. It is the second part of the record id. An `Encounter` is a visit that took place or is under way, an `Appointment` is a booking: the two use different status codes."
        },
        "source_id": {
          "type": "string",
          "description": "Id of the record in its source. It is the third part of the record id, and unique only together with `source` and `source_type`."
        },
        "security_labels": {
          "type": "array",
          "description": "Security labels that the source put on the record, each as `system|code`, in the source's order; empty when it put none. The service passes them on and does not act on them: who may see a labelled record is for the reader to decide.",
          "items": {
            "description": "One label: the code system, a bar, the code.",
            "type": "string"
          }
        },
        "created_ts": {
          "type": "string",
          "description": "When the service first stored the record, by the database's clock; UTC, always six fraction digits. It is not when the source made the record.",
          "format": "date-time"
        },
        "updated_ts": {
          "type": "string",
          "description": "Position of the record's latest change in the feed, as a time by the database's clock; UTC, always six fraction digits, so that the order of the text is the order of time. Unique in its collection, and never lower than one that was visible before. It is not when the source changed the record.",
          "format": "date-time"
        },
        "created_by": {
          "type": "string",
          "description": "Sending system or process that first brought the record in. It is not a person."
        },
        "updated_by": {
          "type": "string",
          "description": "Sending system or process that brought the latest change in. It is not a person."
        },
        "is_active": {
          "type": "boolean",
          "description": "True exactly when `record_state` is `active`. It says nothing about whether a patient lives, or a visit goes on."
        },
        "record_state": {
          "type": "string",
          "description": "Standing of the record. `active`: it counts. `inactive`: the source says it is not in use; the patient may well be alive. `merged`: another patient record replaces it, see `replaced_by_patient_id`; patients only. `retracted`: entered in error; the values of a retracted lab result are null. `missing`: no longer in a full extract of its source. `erased`: reserved; only ids and audit columns would remain."
        },
        "deleted_ts": {
          "type": [
            "string",
            "null"
          ],
          "description": "When the record became `retracted`, `missing` or `erased`; null in every other state. The record stays in the feed: a copy of it is to be deleted or marked. UTC, always six fraction digits.",
          "format": "date-time"
        },
        "version": {
          "type": "integer",
          "description": "Number of the record's version: 1 when it is first stored, one more with each change. A reader that keeps only the latest change of a record may miss numbers.",
          "format": "int32"
        }
      }
    }
  },
  {
    "name": "lab_results",
    "id": "lab_result_id",
    "key_header": "x-api-key",
    "key_setting": "lab_results_key",
    "schema": {
      "description": "One laboratory result of one test. Every field is always there; null says that the source gives nothing.",
      "type": "object",
      "required": [
        "lab_result_id",
        "patient_id",
        "appointment_id",
        "panel_id",
        "test_code",
        "test_system",
        "test_name",
        "value_number",
        "value_comparator",
        "value_limit",
        "value_text",
        "value_code",
        "value_system",
        "unit",
        "unit_code",
        "absent_reason",
        "reference_low",
        "reference_high",
        "reference_text",
        "interpretation_codes",
        "note",
        "specimen",
        "status",
        "collected_ts",
        "collected_text",
        "reported_ts",
        "source",
        "source_type",
        "source_id",
        "security_labels",
        "created_ts",
        "updated_ts",
        "created_by",
        "updated_by",
        "is_active",
        "record_state",
        "deleted_ts",
        "version"
      ],
      "properties": {
        "lab_result_id": {
          "description": "Id of the lab result record in this service. It has the form `<source>:<Type>:<id>`; treat it as one opaque text. A component of a panel has a record and an id of its own.",
          "type": "string"
        },
        "patient_id": {
          "description": "Id of the patient. The patient's own record may arrive later, or never. A reference that names no id ends the id as the source wrote it (`ehr:Patient:?identifier=…`).",
          "type": "string"
        },
        "appointment_id": {
          "type": [
            "string",
            "null"
          ],
          "description": "Id of the visit the result belongs to; null when the source names none."
        },
        "panel_id": {
          "type": [
            "string",
            "null"
          ],
          "description": "Id of the source's result that this one is a component or a member of; null when it is none. A grouping result without a value has no record."
        },
        "test_code": {
          "type": [
            "string",
            "null"
          ],
          "description": "Code of the test, LOINC before a local code."
        },
        "test_system": {
          "type": [
            "string",
            "null"
          ],
          "description": "Code system of `test_code`, usually a URI."
        },
        "test_name": {
          "type": [
            "string",
            "null"
          ],
          "description": "Name of the test, as the source wrote it."
        },
        "value_number": {
          "type": [
            "number",
            "null"
          ],
          "description": "Measured value, in `unit`. Null when the value is no number, or is only a bound: with a comparator see `value_limit`."
        },
        "value_comparator": {
          "type": [
            "string",
            "null"
          ],
          "description": "How the true value relates to `value_limit`; null when the value is not a bound. `ad`: sufficient to reach the limit."
        },
        "value_limit": {
          "type": [
            "number",
            "null"
          ],
          "description": "Bound that `value_comparator` speaks of. It is never a measured value: do not average it."
        },
        "value_text": {
          "type": [
            "string",
            "null"
          ],
          "description": "Value as it was written, digits kept (`5.40`, `<0.01`, `Positive`); null when there is no value."
        },
        "value_code": {
          "type": [
            "string",
            "null"
          ],
          "description": "Code of a coded value, such as an organism; null when the value is not coded."
        },
        "value_system": {
          "type": [
            "string",
            "null"
          ],
          "description": "Code system of `value_code`, usually a URI."
        },
        "unit": {
          "type": [
            "string",
            "null"
          ],
          "description": "Unit as printed on the report. Values are never converted."
        },
        "unit_code": {
          "type": [
            "string",
            "null"
          ],
          "description": "Unit as a UCUM code; null when the source gives none."
        },
        "absent_reason": {
          "type": [
            "string",
            "null"
          ],
          "description": "Why there is no value. It is never a value itself."
        },
        "reference_low": {
          "type": [
            "number",
            "null"
          ],
          "description": "Lower end of the normal range, in the value's unit; null unless there is exactly one such range."
        },
        "reference_high": {
          "type": [
            "number",
            "null"
          ],
          "description": "Upper end of the normal range, in the value's unit; null unless there is exactly one such range."
        },
        "reference_text": {
          "type": [
            "string",
            "null"
          ],
          "description": "Reference ranges in words, as the source wrote them."
        },
        "interpretation_codes": {
          "type": "array",
          "description": "Interpretation codes of the laboratory (HL7 v3 ObservationInterpretation or local), such as `H` for high; empty when it gave none. The service computes none.",
          "items": {
            "description": "One interpretation code.",
            "type": "string"
          }
        },
        "note": {
          "type": [
            "string",
            "null"
          ],
          "description": "Comments on the result, as written, separated by line feeds."
        },
        "specimen": {
          "type": [
            "string",
            "null"
          ],
          "description": "What was examined, as written, such as `Serum`."
        },
        "status": {
          "type": [
            "string",
            "null"
          ],
          "description": "Status code of the result in its source, unchanged. `preliminary` values may still change; `entered-in-error` results are `retracted` and have no values."
        },
        "collected_ts": {
          "type": [
            "string",
            "null"
          ],
          "description": "When the specimen was taken, or else when the source says the result holds, as written, offset kept. Null when only a date is known: it is never midnight.",
          "format": "date-time"
        },
        "collected_text": {
          "type": [
            "string",
            "null"
          ],
          "description": "Time of collection as the source wrote it, whole or in part (`2026-01`, a period); null when it wrote none."
        },
        "reported_ts": {
          "type": [
            "string",
            "null"
          ],
          "description": "When the laboratory released this version of the result, as written, offset kept.",
          "format": "date-time"
        },
        "source": {
          "type": "string",
          "description": "Name that the operator gave the system that sent the record. It is the first part of the record id. It is not the name of the hospital or of a product."
        },
        "source_type": {
          "type": "string",
          "description": "Kind of the record in its source, such as the FHIR resource type. It is the second part of the record id. An `Encounter` is a visit that took place or is under way, an `Appointment` is a booking: the two use different status codes."
        },
        "source_id": {
          "type": "string",
          "description": "Id of the record in its source. It is the third part of the record id, and unique only together with `source` and `source_type`."
        },
        "security_labels": {
          "type": "array",
          "description": "Security labels that the source put on the record, each as `system|code`, in the source's order; empty when it put none. The service passes them on and does not act on them: who may see a labelled record is for the reader to decide.",
          "items": {
            "description": "One label: the code system, a bar, the code.",
            "type": "string"
          }
        },
        "created_ts": {
          "type": "string",
          "description": "When the service first stored the record, by the database's clock; UTC, always six fraction digits. It is not when the source made the record.",
          "format": "date-time"
        },
        "updated_ts": {
          "type": "string",
          "description": "Position of the record's latest change in the feed, as a time by the database's clock; UTC, always six fraction digits, so that the order of the text is the order of time. Unique in its collection, and never lower than one that was visible before. It is not when the source changed the record.",
          "format": "date-time"
        },
        "created_by": {
          "type": "string",
          "description": "Sending system or process that first brought the record in. It is not a person."
        },
        "updated_by": {
          "type": "string",
          "description": "Sending system or process that brought the latest change in. It is not a person."
        },
        "is_active": {
          "type": "boolean",
          "description": "True exactly when `record_state` is `active`. It says nothing about whether a patient lives, or a visit goes on."
        },
        "record_state": {
          "type": "string",
          "description": "Standing of the record. `active`: it counts. `inactive`: the source says it is not in use; the patient may well be alive. `merged`: another patient record replaces it, see `replaced_by_patient_id`; patients only. `retracted`: entered in error; the values of a retracted lab result are null. `missing`: no longer in a full extract of its source. `erased`: reserved; only ids and audit columns would remain."
        },
        "deleted_ts": {
          "type": [
            "string",
            "null"
          ],
          "description": "When the record became `retracted`, `missing` or `erased`; null in every other state. The record stays in the feed: a copy of it is to be deleted or marked. UTC, always six fraction digits.",
          "format": "date-time"
        },
        "version": {
          "type": "integer",
          "description": "Number of the record's version: 1 when it is first stored, one more with each change. A reader that keeps only the latest change of a record may miss numbers.",
          "format": "int32"
        }
      }
    }
  }
]
"""
)

if __name__ == "__main__":
    HospitalStreamingApiTap.cli()
