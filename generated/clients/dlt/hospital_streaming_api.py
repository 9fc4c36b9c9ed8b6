"""dlt source of the Hospital Streaming API, version 1.1.0: one resource a collection.

Written by `npm run generate` from the contract; do not edit. Needs `dlt >= 1.31`.

    pipeline = dlt.pipeline("hospital", destination="duckdb", dataset_name="records")
    pipeline.run(hospital_streaming_api())

The base URL and a key for each collection that is to be pulled come from dlt's configuration:
`SOURCES__HOSPITAL_STREAMING_API__BASE_URL`,
`SOURCES__HOSPITAL_STREAMING_API__PATIENTS_KEY`,
`SOURCES__HOSPITAL_STREAMING_API__APPOINTMENTS_KEY`,
`SOURCES__HOSPITAL_STREAMING_API__LAB_RESULTS_KEY`, or the same in config.toml and secrets.toml.
"""

import dlt
from dlt.common.configuration.exceptions import ConfigurationValueError
from dlt.sources.rest_api import rest_api_resources


@dlt.source(max_table_nesting=0)
def hospital_streaming_api(
    base_url: str = dlt.config.value,
    patients_key: dlt.TSecretStrValue | None = None,
    appointments_key: dlt.TSecretStrValue | None = None,
    lab_results_key: dlt.TSecretStrValue | None = None,
):
    """The collections that a key is given for.

    An inactive or merged record stays, with its state; a retracted or missing one is removed from the
    destination, because its `deleted_ts` is set.
    """
    keys = {"patients": patients_key, "appointments": appointments_key, "lab_results": lab_results_key}
    resources = [resource(name, key) for name, key in keys.items() if key]
    if not resources:
        raise ConfigurationValueError(
            "no key is configured: set at least one of " + ", ".join(f"{name}_key" for name in keys)
        )
    yield from rest_api_resources(
        {
            "client": {"base_url": base_url.rstrip("/") + "/"},
            "resource_defaults": {
                "write_disposition": "merge",
                "endpoint": {"paginator": {"type": "header_link", "links_next_key": "next"}},
            },
            "resources": resources,
        }
    )


def resource(name, key):
    """One collection. The feed is in order and `updated_since` includes its time: nothing is missed."""
    return {
        "name": name,
        "primary_key": IDS[name],
        "columns": COLUMNS[name],
        "endpoint": {
            "path": name,
            "auth": {"type": "api_key", "name": KEY_HEADERS[name], "location": "header", "api_key": key},
            "params": {"limit": 1000, "updated_since": "{incremental.start_value}"},
            "incremental": {"cursor_path": "updated_ts", "initial_value": "1970-01-01T00:00:00.000000Z"},
        },
    }


IDS = {
    "patients": "patient_id",
    "appointments": "appointment_id",
    "lab_results": "lab_result_id",
}

KEY_HEADERS = {
    "patients": "x-api-key",
    "appointments": "x-api-key",
    "lab_results": "x-api-key",
}

COLUMNS = {
    "patients": {
        "patient_id": {"data_type": "text", "nullable": False},
        "name": {"data_type": "text", "nullable": True},
        "family_name": {"data_type": "text", "nullable": True},
        "given_names": {"data_type": "json", "nullable": False},
        "name_suffix": {"data_type": "text", "nullable": True},
        "dob": {"data_type": "date", "nullable": True},
        "dob_text": {"data_type": "text", "nullable": True},
        "gender": {"data_type": "text", "nullable": True},
        "deceased": {"data_type": "bool", "nullable": True},
        "deceased_ts": {"data_type": "timestamp", "nullable": True},
        "deceased_text": {"data_type": "text", "nullable": True},
        "mrn": {"data_type": "text", "nullable": True},
        "mrn_system": {"data_type": "text", "nullable": True},
        "phone": {"data_type": "text", "nullable": True},
        "email": {"data_type": "text", "nullable": True},
        "address": {"data_type": "json", "nullable": True},
        "replaced_by_patient_id": {"data_type": "text", "nullable": True},
        "source": {"data_type": "text", "nullable": False},
        "source_type": {"data_type": "text", "nullable": False},
        "source_id": {"data_type": "text", "nullable": False},
        "security_labels": {"data_type": "json", "nullable": False},
        "created_ts": {"data_type": "timestamp", "nullable": False},
        "updated_ts": {"data_type": "timestamp", "nullable": False, "dedup_sort": "desc"},
        "created_by": {"data_type": "text", "nullable": False},
        "updated_by": {"data_type": "text", "nullable": False},
        "is_active": {"data_type": "bool", "nullable": False},
        "record_state": {"data_type": "text", "nullable": False},
        "deleted_ts": {"data_type": "timestamp", "nullable": True, "hard_delete": True},
        "version": {"data_type": "bigint", "nullable": False},
    },
    "appointments": {
        "appointment_id": {"data_type": "text", "nullable": False},
        "patient_id": {"data_type": "text", "nullable": False},
        "date": {"data_type": "date", "nullable": True},
        "start_ts": {"data_type": "timestamp", "nullable": True},
        "end_ts": {"data_type": "timestamp", "nullable": True},
        "start_text": {"data_type": "text", "nullable": True},
        "end_text": {"data_type": "text", "nullable": True},
        "status": {"data_type": "text", "nullable": True},
        "class_code": {"data_type": "text", "nullable": True},
        "type_code": {"data_type": "text", "nullable": True},
        "type_system": {"data_type": "text", "nullable": True},
        "type_text": {"data_type": "text", "nullable": True},
        "reason": {"data_type": "text", "nullable": True},
        "practitioner": {"data_type": "text", "nullable": True},
        "location": {"data_type": "text", "nullable": True},
        "department": {"data_type": "text", "nullable": True},
        "booking_id": {"data_type": "text", "nullable": True},
        "source": {"data_type": "text", "nullable": False},
        "source_type": {"data_type": "text", "nullable": False},
        "source_id": {"data_type": "text", "nullable": False},
        "security_labels": {"data_type": "json", "nullable": False},
        "created_ts": {"data_type": "timestamp", "nullable": False},
        "updated_ts": {"data_type": "timestamp", "nullable": False, "dedup_sort": "desc"},
        "created_by": {"data_type": "text", "nullable": False},
        "updated_by": {"data_type": "text", "nullable": False},
        "is_active": {"data_type": "bool", "nullable": False},
        "record_state": {"data_type": "text", "nullable": False},
        "deleted_ts": {"data_type": "timestamp", "nullable": True, "hard_delete": True},
        "version": {"data_type": "bigint", "nullable": False},
    },
    "lab_results": {
        "lab_result_id": {"data_type": "text", "nullable": False},
        "patient_id": {"data_type": "text", "nullable": False},
        "appointment_id": {"data_type": "text", "nullable": True},
        "panel_id": {"data_type": "text", "nullable": True},
        "test_code": {"data_type": "text", "nullable": True},
        "test_system": {"data_type": "text", "nullable": True},
        "test_name": {"data_type": "text", "nullable": True},
        "value_number": {"data_type": "double", "nullable": True},
        "value_comparator": {"data_type": "text", "nullable": True},
        "value_limit": {"data_type": "double", "nullable": True},
        "value_text": {"data_type": "text", "nullable": True},
        "value_code": {"data_type": "text", "nullable": True},
        "value_system": {"data_type": "text", "nullable": True},
        "unit": {"data_type": "text", "nullable": True},
        "unit_code": {"data_type": "text", "nullable": True},
        "absent_reason": {"data_type": "text", "nullable": True},
        "reference_low": {"data_type": "double", "nullable": True},
        "reference_high": {"data_type": "double", "nullable": True},
        "reference_text": {"data_type": "text", "nullable": True},
        "interpretation_codes": {"data_type": "json", "nullable": False},
        "note": {"data_type": "text", "nullable": True},
        "specimen": {"data_type": "text", "nullable": True},
        "status": {"data_type": "text", "nullable": True},
        "collected_ts": {"data_type": "timestamp", "nullable": True},
        "collected_text": {"data_type": "text", "nullable": True},
        "reported_ts": {"data_type": "timestamp", "nullable": True},
        "source": {"data_type": "text", "nullable": False},
        "source_type": {"data_type": "text", "nullable": False},
        "source_id": {"data_type": "text", "nullable": False},
        "security_labels": {"data_type": "json", "nullable": False},
        "created_ts": {"data_type": "timestamp", "nullable": False},
        "updated_ts": {"data_type": "timestamp", "nullable": False, "dedup_sort": "desc"},
        "created_by": {"data_type": "text", "nullable": False},
        "updated_by": {"data_type": "text", "nullable": False},
        "is_active": {"data_type": "bool", "nullable": False},
        "record_state": {"data_type": "text", "nullable": False},
        "deleted_ts": {"data_type": "timestamp", "nullable": True, "hard_delete": True},
        "version": {"data_type": "bigint", "nullable": False},
    },
}
