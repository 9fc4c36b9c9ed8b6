// Types of the contract. Written by `npm run generate`; edit api-spec instead.
export interface paths {
    readonly "/patients": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * List patients
         * @description The collection as a feed: each record once, at the position of its latest change, in the order in which changes became visible. Reading from the start gives everything; going on from `Next-Cursor` gives every later change, and a cursor does not expire with age. Follow `Link` with `rel="next"` until it is gone, then save `Next-Cursor` and ask again later.
         *
         *     `updated_since` starts by time instead, and includes the time itself. The filters are look-ups, not feeds: records that leave the filter are not reported, so a filter beside `updated_since` is refused with 400, a cursor is bound to its filters, and the last page has no `Next-Cursor`.
         *
         *     With `Accept: application/x-ndjson` the same records come one a line: a page with `limit`, and without it everything up to the end that the feed has when the response begins, sent up front as `Next-Cursor`. The service sends so many whole feeds at a time, and each for so long: one too many is refused with 503 `too-many-exports`, and one that is broken off does not end its chunked body. Keep its whole lines and go on with `updated_since` of the last one.
         *
         *     The request header `Prefer: wait=N` (RFC 7240) asks that an empty page be held back until a record arrives or N seconds have passed; more than 30 counts as 30, other preferences are ignored, and beside a filter it is refused with 400. A follower so learns of a change at once, and asks twice a minute while nothing happens. NDJSON is held back in the same way: with `limit` as a page, without it until there is something to send, which is then everything up to the end that the feed has at that moment. A service that ends answers with the empty page at once.
         */
        readonly get: operations["listPatients"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/patients/{patient_id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Get a patient
         * @description The latest version of one patient record, whatever its `record_state`. It is the same record as in the list.
         */
        readonly get: operations["getPatient"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/patients/digest": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Get a digest of the feed of patients
         * @description How many records a stretch of the feed holds, and a digest of their ids and positions, without the records themselves. A copy, such
         *     as a table in a warehouse, compares them with its own and looks closer only where they differ.
         *
         *     An answer covers at most 10000 records; `to` says where to go on. A record that changes leaves its place and stands at its new
         *     position, behind everything that was there before: take a difference for one only when the record itself confirms it.
         */
        readonly get: operations["getPatientsDigest"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/appointments": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * List appointments
         * @description The collection as a feed: each record once, at the position of its latest change, in the order in which changes became visible. Reading from the start gives everything; going on from `Next-Cursor` gives every later change, and a cursor does not expire with age. Follow `Link` with `rel="next"` until it is gone, then save `Next-Cursor` and ask again later.
         *
         *     `updated_since` starts by time instead, and includes the time itself. The filters are look-ups, not feeds: records that leave the filter are not reported, so a filter beside `updated_since` is refused with 400, a cursor is bound to its filters, and the last page has no `Next-Cursor`.
         *
         *     With `Accept: application/x-ndjson` the same records come one a line: a page with `limit`, and without it everything up to the end that the feed has when the response begins, sent up front as `Next-Cursor`. The service sends so many whole feeds at a time, and each for so long: one too many is refused with 503 `too-many-exports`, and one that is broken off does not end its chunked body. Keep its whole lines and go on with `updated_since` of the last one.
         *
         *     The request header `Prefer: wait=N` (RFC 7240) asks that an empty page be held back until a record arrives or N seconds have passed; more than 30 counts as 30, other preferences are ignored, and beside a filter it is refused with 400. A follower so learns of a change at once, and asks twice a minute while nothing happens. NDJSON is held back in the same way: with `limit` as a page, without it until there is something to send, which is then everything up to the end that the feed has at that moment. A service that ends answers with the empty page at once.
         */
        readonly get: operations["listAppointments"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/appointments/{appointment_id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Get an appointment
         * @description The latest version of one appointment record, whatever its `record_state`. It is the same record as in the list.
         */
        readonly get: operations["getAppointment"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/appointments/digest": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Get a digest of the feed of appointments
         * @description How many records a stretch of the feed holds, and a digest of their ids and positions, without the records themselves. A copy, such
         *     as a table in a warehouse, compares them with its own and looks closer only where they differ.
         *
         *     An answer covers at most 10000 records; `to` says where to go on. A record that changes leaves its place and stands at its new
         *     position, behind everything that was there before: take a difference for one only when the record itself confirms it.
         */
        readonly get: operations["getAppointmentsDigest"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/lab_results": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * List lab results
         * @description The collection as a feed: each record once, at the position of its latest change, in the order in which changes became visible. Reading from the start gives everything; going on from `Next-Cursor` gives every later change, and a cursor does not expire with age. Follow `Link` with `rel="next"` until it is gone, then save `Next-Cursor` and ask again later.
         *
         *     `updated_since` starts by time instead, and includes the time itself. The filters are look-ups, not feeds: records that leave the filter are not reported, so a filter beside `updated_since` is refused with 400, a cursor is bound to its filters, and the last page has no `Next-Cursor`.
         *
         *     With `Accept: application/x-ndjson` the same records come one a line: a page with `limit`, and without it everything up to the end that the feed has when the response begins, sent up front as `Next-Cursor`. The service sends so many whole feeds at a time, and each for so long: one too many is refused with 503 `too-many-exports`, and one that is broken off does not end its chunked body. Keep its whole lines and go on with `updated_since` of the last one.
         *
         *     The request header `Prefer: wait=N` (RFC 7240) asks that an empty page be held back until a record arrives or N seconds have passed; more than 30 counts as 30, other preferences are ignored, and beside a filter it is refused with 400. A follower so learns of a change at once, and asks twice a minute while nothing happens. NDJSON is held back in the same way: with `limit` as a page, without it until there is something to send, which is then everything up to the end that the feed has at that moment. A service that ends answers with the empty page at once.
         */
        readonly get: operations["listLabResults"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/lab_results/{lab_result_id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Get a lab result
         * @description The latest version of one lab result record, whatever its `record_state`. It is the same record as in the list.
         */
        readonly get: operations["getLabResult"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/lab_results/digest": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Get a digest of the feed of lab results
         * @description How many records a stretch of the feed holds, and a digest of their ids and positions, without the records themselves. A copy, such
         *     as a table in a warehouse, compares them with its own and looks closer only where they differ.
         *
         *     An answer covers at most 10000 records; `to` says where to go on. A record that changes leaves its place and stands at its new
         *     position, behind everything that was there before: take a difference for one only when the record itself confirms it.
         */
        readonly get: operations["getLabResultsDigest"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/health/live": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Is the process alive
         * @description Answers as long as the process does. It asks no dependency: use it to restart, never to route.
         */
        readonly get: operations["getLiveness"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/health/ready": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Can the service serve
         * @description Answers 200 when the store and the keys are there, so that every collection can be served. Use it to route requests.
         */
        readonly get: operations["getReadiness"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Read the start page
         * @description A small page that links the documentation, this document and the guides. It loads nothing from any other host.
         */
        readonly get: operations["getHome"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/openapi.json": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Get this document
         * @description This document as it is served, in JSON. The names of secrets are left out.
         */
        readonly get: operations["getContract"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/docs": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Read the documentation
         * @description This document as a page to read. It loads nothing from any other host.
         */
        readonly get: operations["getDocs"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /**
         * Token
         * @description Text for programs rather than people: printable ASCII, without a space at either end.
         * @example ehr:Patient:6c5d9ca9-0000-4000-8000-000000000001
         */
        readonly Token: string;
        /**
         * TextPart
         * @description One piece of a name or an address, as the source wrote it.
         * @example 1 Example Street
         */
        readonly TextPart: string;
        /**
         * Address
         * @description Postal address that holds at present; null when the source gives none. An address that ended, and birth places, are never shown here.
         * @example {
         *       "lines": [
         *         "1 Example Street"
         *       ],
         *       "city": "Sampleton",
         *       "state": "MA",
         *       "postal_code": "00000",
         *       "country": "US"
         *     }
         */
        readonly Address: {
            /**
             * @description Street lines as the source wrote them, in its order; empty when it gave none.
             * @example [
             *       "1 Example Street"
             *     ]
             */
            readonly lines: readonly components["schemas"]["TextPart"][];
            /**
             * @description City as written. It is not normalised.
             * @example Sampleton
             */
            readonly city: string | null;
            /**
             * @description State, province or region as written: a name or a code.
             * @example MA
             */
            readonly state: string | null;
            /**
             * @description Postal code as written, leading zeros kept.
             * @example 00000
             */
            readonly postal_code: string | null;
            /**
             * @description Country as written: a name or a code.
             * @example US
             */
            readonly country: string | null;
        } | null;
        /**
         * @description Name that the operator gave the system that sent the record. It is the first part of the record id. It is not the name of the hospital or of a product.
         * @example ehr
         */
        readonly Source: string;
        /**
         * @description Kind of the record in its source, such as the FHIR resource type. It is the second part of the record id. An `Encounter` is a visit that took place or is under way, an `Appointment` is a booking: the two use different status codes.
         * @example Patient
         */
        readonly SourceType: string;
        /**
         * @description Id of the record in its source. It is the third part of the record id, and unique only together with `source` and `source_type`.
         * @example 6c5d9ca9-0000-4000-8000-000000000001
         */
        readonly SourceId: string;
        /**
         * @description Security labels that the source put on the record, each as `system|code`, in the source's order; empty when it put none. The service passes them on and does not act on them: who may see a labelled record is for the reader to decide.
         * @example [
         *       "http://terminology.hl7.org/CodeSystem/v3-Confidentiality|N"
         *     ]
         */
        readonly SecurityLabels: readonly components["schemas"]["Token"][];
        /**
         * Format: date-time
         * @description When the service first stored the record, by the database's clock; UTC, always six fraction digits. It is not when the source made the record.
         * @example 2026-01-05T08:00:00.000001Z
         */
        readonly CreatedTs: string;
        /**
         * Format: date-time
         * @description Position of the record's latest change in the feed, as a time by the database's clock; UTC, always six fraction digits, so that the order of the text is the order of time. Unique in its collection, and never lower than one that was visible before. It is not when the source changed the record.
         * @example 2026-01-05T08:00:00.000001Z
         */
        readonly UpdatedTs: string;
        /**
         * @description Sending system or process that first brought the record in. It is not a person.
         * @example ehr
         */
        readonly CreatedBy: string;
        /**
         * @description Sending system or process that brought the latest change in. It is not a person.
         * @example ehr
         */
        readonly UpdatedBy: string;
        /**
         * @description True exactly when `record_state` is `active`. It says nothing about whether a patient lives, or a visit goes on.
         * @example true
         */
        readonly IsActive: boolean;
        /**
         * @description Standing of the record. `active`: it counts. `inactive`: the source says it is not in use; the patient may well be alive. `merged`: another patient record replaces it, see `replaced_by_patient_id`; patients only. `retracted`: entered in error; the values of a retracted lab result are null. `missing`: no longer in a full extract of its source. `erased`: reserved; only ids and audit columns would remain.
         * @example active
         * @enum {string}
         */
        readonly RecordState: "active" | "inactive" | "merged" | "retracted" | "missing" | "erased";
        /**
         * Format: date-time
         * @description When the record became `retracted`, `missing` or `erased`; null in every other state. The record stays in the feed: a copy of it is to be deleted or marked. UTC, always six fraction digits.
         * @example 2026-02-01T09:30:00.000042Z
         */
        readonly DeletedTs: string | null;
        /**
         * Format: int32
         * @description Number of the record's version: 1 when it is first stored, one more with each change. A reader that keeps only the latest change of a record may miss numbers.
         * @example 1
         */
        readonly Version: number;
        /**
         * Patient
         * @description One registration of a patient. Every field is always there; null says that the source gives nothing.
         */
        readonly Patient: {
            /**
             * @description Id of the patient record in this service. It has the form `<source>:<Type>:<id>`; treat it as one opaque text. One person may have several records until they are merged.
             * @example ehr:Patient:6c5d9ca9-0000-4000-8000-000000000001
             */
            readonly patient_id: components["schemas"]["Token"];
            /**
             * @description Full name for display, in the order the source writes it: official and current before any other use; null when the source gives no name that holds.
             * @example Ada Example Testpatient
             */
            readonly name: string | null;
            /**
             * @description Family name as written.
             * @example Testpatient
             */
            readonly family_name: string | null;
            /**
             * @description Given names in the source's order, middle names among them; empty when it gives none.
             * @example [
             *       "Ada",
             *       "Example"
             *     ]
             */
            readonly given_names: readonly components["schemas"]["TextPart"][];
            /**
             * @description Suffix of the name, such as `Jr.`; several are joined by a space.
             * @example Jr.
             */
            readonly name_suffix: string | null;
            /**
             * Format: date
             * @description Date of birth when the whole date is known; null otherwise. A part of a date stands in `dob_text` and is never completed.
             * @example 1970-05-17
             */
            readonly dob: string | null;
            /**
             * @description Date of birth as the source wrote it, whole or in part (`1970`, `1970-05`); null when it wrote none.
             * @example 1970-05-17
             */
            readonly dob_text: string | null;
            /**
             * @description Administrative gender, as the source registers it. It is neither the sex at birth nor the gender identity.
             * @example female
             * @enum {string|null}
             */
            readonly gender: "male" | "female" | "other" | "unknown" | null;
            /**
             * @description Whether the source says that the patient died; null when it does not say. Do not infer it from `deceased_ts` or from `is_active`.
             * @example false
             */
            readonly deceased: boolean | null;
            /**
             * Format: date-time
             * @description When the patient died, as the source wrote it, offset kept; null when the patient lives, or the source gives no full time.
             * @example 2024-03-02T04:05:06-05:00
             */
            readonly deceased_ts: string | null;
            /**
             * @description Time of death as the source wrote it, whole or in part (`2024`, `2024-03-02`); null when it wrote none.
             * @example 2024-03-02T04:05:06-05:00
             */
            readonly deceased_text: string | null;
            /**
             * @description Medical record number, chosen by its type code and assigner; never one that the source marks as old. Unique only together with `mrn_system`.
             * @example MRN-0001
             */
            readonly mrn: string | null;
            /**
             * @description Who assigned `mrn`: the identifier's system, usually a URI.
             * @example http://hospital.example.org/mrn
             */
            readonly mrn_system: string | null;
            /**
             * @description Phone number that holds at present, as written. It is not normalised.
             * @example +1-555-0100
             */
            readonly phone: string | null;
            /**
             * @description E-mail address that holds at present, as written. It is not verified.
             * @example ada@example.org
             */
            readonly email: string | null;
            readonly address: components["schemas"]["Address"];
            /**
             * @description Id of the patient record that replaces this one after a merge; null otherwise. Follow it until a record has none.
             * @example ehr:Patient:6c5d9ca9-0000-4000-8000-000000000002
             */
            readonly replaced_by_patient_id: string | null;
            readonly source: components["schemas"]["Source"];
            readonly source_type: components["schemas"]["SourceType"];
            readonly source_id: components["schemas"]["SourceId"];
            readonly security_labels: components["schemas"]["SecurityLabels"];
            readonly created_ts: components["schemas"]["CreatedTs"];
            readonly updated_ts: components["schemas"]["UpdatedTs"];
            readonly created_by: components["schemas"]["CreatedBy"];
            readonly updated_by: components["schemas"]["UpdatedBy"];
            readonly is_active: components["schemas"]["IsActive"];
            readonly record_state: components["schemas"]["RecordState"];
            readonly deleted_ts: components["schemas"]["DeletedTs"];
            readonly version: components["schemas"]["Version"];
        };
        /**
         * ProblemError
         * @description One fault: where it is (a parameter, a place in a document or a dependency) and what is wrong.
         */
        readonly ProblemError: {
            /**
             * @description The rule that is broken, or what is missing.
             * @example must be an integer from 1 to 1000
             */
            readonly detail: string;
            /**
             * @description Name of the parameter at fault, as the contract or the request writes it.
             * @example limit
             */
            readonly parameter?: string;
            /**
             * Format: json-pointer
             * @description JSON pointer (RFC 6901) to the place at fault.
             * @example /name
             */
            readonly pointer?: string;
            /**
             * @description What the service needs and does not have at the moment.
             * @example store
             */
            readonly dependency?: string;
        };
        /**
         * Problem
         * @description A refusal, as RFC 9457 describes it.
         */
        readonly Problem: {
            /**
             * Format: uri-reference
             * @description Which refusal it is: a path on this service whose last part is the name in the section Errors. Programs tell refusals apart by it.
             * @example /docs#section/Errors/invalid-parameter
             */
            readonly type: string;
            /**
             * @description The refusal in a few words; the same each time for one `type`.
             * @example Invalid parameter
             */
            readonly title: string;
            /**
             * Format: int32
             * @description HTTP status of the response.
             * @example 400
             */
            readonly status: number;
            /**
             * @description What went wrong this time and what would be right, for a person to read. It never holds a key or data of a patient.
             * @example limit must be an integer from 1 to 1000.
             */
            readonly detail: string;
            /**
             * Format: uri
             * @description This one occurrence: `urn:request:` and the request id, as in X-Request-Id and in the service's log.
             * @example urn:request:5f0c2b1e-7d53-4c4e-9a55-0d3a8b8f2c11
             */
            readonly instance: string;
            /**
             * @description The single faults, when there are any to name.
             * @example [
             *       {
             *         "parameter": "limit",
             *         "detail": "must be an integer from 1 to 1000"
             *       }
             *     ]
             */
            readonly errors?: readonly components["schemas"]["ProblemError"][];
        };
        /**
         * Appointment
         * @description One visit (FHIR Encounter) or one booking (FHIR Appointment). Every field is always there; null says that the source gives nothing.
         */
        readonly Appointment: {
            /**
             * @description Id of the appointment record in this service. It has the form `<source>:<Type>:<id>`; treat it as one opaque text. Visits (`source_type` Encounter) and bookings (`source_type` Appointment) stand side by side.
             * @example ehr:Encounter:17b801ac-0000-4000-8000-000000000001
             */
            readonly appointment_id: components["schemas"]["Token"];
            /**
             * @description Id of the patient. The patient's own record may arrive later, or never. A reference that names no id ends the id as the source wrote it (`ehr:Patient:?identifier=…`).
             * @example ehr:Patient:6c5d9ca9-0000-4000-8000-000000000001
             */
            readonly patient_id: components["schemas"]["Token"];
            /**
             * Format: date
             * @description Calendar day of the visit at the hospital: as written when the source wrote a local offset, computed in the hospital's time zone when it wrote UTC. Null when there is no start yet. It is not the day the record was made.
             * @example 2026-01-12
             */
            readonly date: string | null;
            /**
             * Format: date-time
             * @description Start as the source wrote it, offset kept: the actual start of an Encounter, the planned start of an Appointment. Null when it gives no full time.
             * @example 2026-01-12T09:00:00-05:00
             */
            readonly start_ts: string | null;
            /**
             * Format: date-time
             * @description End as the source wrote it, offset kept: actual for an Encounter, planned for an Appointment. Null when it gives none.
             * @example 2026-01-12T09:20:00-05:00
             */
            readonly end_ts: string | null;
            /**
             * @description Start as the source wrote it, whole or in part (`2026-01`, `2026-01-12`); null when it wrote none.
             * @example 2026-01-12T09:00:00-05:00
             */
            readonly start_text: string | null;
            /**
             * @description End as the source wrote it, whole or in part (`2026-01`, `2026-01-12`); null when it wrote none.
             * @example 2026-01-12T09:20:00-05:00
             */
            readonly end_text: string | null;
            /**
             * @description Status code of the source; the two that FHIR R5 renamed have their R4 names (`finished`, `onleave`). It means something else for an Encounter than for an Appointment (`arrived` is in both lists): read it together with `source_type`.
             * @example finished
             */
            readonly status: string | null;
            /**
             * @description Class of the visit, such as ambulatory or emergency (HL7 v3 ActCode). Null for most bookings.
             * @example AMB
             */
            readonly class_code: string | null;
            /**
             * @description Code of the kind of visit, SNOMED CT before a local code.
             * @example 185345009
             */
            readonly type_code: string | null;
            /**
             * @description Code system of `type_code`, usually a URI.
             * @example http://snomed.info/sct
             */
            readonly type_system: string | null;
            /**
             * @description Kind of visit in words, as the source wrote it.
             * @example Encounter for symptom
             */
            readonly type_text: string | null;
            /**
             * @description Why the visit takes place, in the source's words; it may hold a diagnosis. It is not a confirmed diagnosis.
             * @example Acute sinusitis
             */
            readonly reason: string | null;
            /**
             * @description Name of the practitioner in charge, as written. It is not an identifier.
             * @example Dr. Sam Sample
             */
            readonly practitioner: string | null;
            /**
             * @description Where the visit takes place, as written.
             * @example Room 1
             */
            readonly location: string | null;
            /**
             * @description Department or organisation that gives the service, as written.
             * @example Example General Hospital
             */
            readonly department: string | null;
            /**
             * @description Id of the Appointment record that this Encounter fulfils; null otherwise. Count a visit once by leaving out bookings that another record names here.
             * @example ehr:Appointment:2f6d1c30-0000-4000-8000-000000000001
             */
            readonly booking_id: string | null;
            readonly source: components["schemas"]["Source"];
            readonly source_type: components["schemas"]["SourceType"];
            readonly source_id: components["schemas"]["SourceId"];
            readonly security_labels: components["schemas"]["SecurityLabels"];
            readonly created_ts: components["schemas"]["CreatedTs"];
            readonly updated_ts: components["schemas"]["UpdatedTs"];
            readonly created_by: components["schemas"]["CreatedBy"];
            readonly updated_by: components["schemas"]["UpdatedBy"];
            readonly is_active: components["schemas"]["IsActive"];
            readonly record_state: components["schemas"]["RecordState"];
            readonly deleted_ts: components["schemas"]["DeletedTs"];
            readonly version: components["schemas"]["Version"];
        };
        /**
         * LabResult
         * @description One laboratory result of one test. Every field is always there; null says that the source gives nothing.
         */
        readonly LabResult: {
            /**
             * @description Id of the lab result record in this service. It has the form `<source>:<Type>:<id>`; treat it as one opaque text. A component of a panel has a record and an id of its own.
             * @example ehr:Observation:d0e09312-0000-4000-8000-000000000001
             */
            readonly lab_result_id: components["schemas"]["Token"];
            /**
             * @description Id of the patient. The patient's own record may arrive later, or never. A reference that names no id ends the id as the source wrote it (`ehr:Patient:?identifier=…`).
             * @example ehr:Patient:6c5d9ca9-0000-4000-8000-000000000001
             */
            readonly patient_id: components["schemas"]["Token"];
            /**
             * @description Id of the visit the result belongs to; null when the source names none.
             * @example ehr:Encounter:17b801ac-0000-4000-8000-000000000001
             */
            readonly appointment_id: string | null;
            /**
             * @description Id of the source's result that this one is a component or a member of; null when it is none. A grouping result without a value has no record.
             * @example ehr:Observation:d0e09312-0000-4000-8000-000000000009
             */
            readonly panel_id: string | null;
            /**
             * @description Code of the test, LOINC before a local code.
             * @example 2093-3
             */
            readonly test_code: string | null;
            /**
             * @description Code system of `test_code`, usually a URI.
             * @example http://loinc.org
             */
            readonly test_system: string | null;
            /**
             * @description Name of the test, as the source wrote it.
             * @example Total Cholesterol
             */
            readonly test_name: string | null;
            /**
             * @description Measured value, in `unit`. Null when the value is no number, or is only a bound: with a comparator see `value_limit`.
             * @example 167.49
             */
            readonly value_number: number | null;
            /**
             * @description How the true value relates to `value_limit`; null when the value is not a bound. `ad`: sufficient to reach the limit.
             * @example <
             * @enum {string|null}
             */
            readonly value_comparator: "<" | "<=" | ">=" | ">" | "ad" | null;
            /**
             * @description Bound that `value_comparator` speaks of. It is never a measured value: do not average it.
             * @example 0.01
             */
            readonly value_limit: number | null;
            /**
             * @description Value as it was written, digits kept (`5.40`, `<0.01`, `Positive`); null when there is no value.
             * @example 167.49
             */
            readonly value_text: string | null;
            /**
             * @description Code of a coded value, such as an organism; null when the value is not coded.
             * @example 10828004
             */
            readonly value_code: string | null;
            /**
             * @description Code system of `value_code`, usually a URI.
             * @example http://snomed.info/sct
             */
            readonly value_system: string | null;
            /**
             * @description Unit as printed on the report. Values are never converted.
             * @example mg/dL
             */
            readonly unit: string | null;
            /**
             * @description Unit as a UCUM code; null when the source gives none.
             * @example mg/dL
             */
            readonly unit_code: string | null;
            /**
             * @description Why there is no value. It is never a value itself.
             * @example not-performed
             */
            readonly absent_reason: string | null;
            /**
             * @description Lower end of the normal range, in the value's unit; null unless there is exactly one such range.
             * @example 0
             */
            readonly reference_low: number | null;
            /**
             * @description Upper end of the normal range, in the value's unit; null unless there is exactly one such range.
             * @example 200
             */
            readonly reference_high: number | null;
            /**
             * @description Reference ranges in words, as the source wrote them.
             * @example < 200 mg/dL
             */
            readonly reference_text: string | null;
            /**
             * @description Interpretation codes of the laboratory (HL7 v3 ObservationInterpretation or local), such as `H` for high; empty when it gave none. The service computes none.
             * @example [
             *       "N"
             *     ]
             */
            readonly interpretation_codes: readonly components["schemas"]["Token"][];
            /**
             * @description Comments on the result, as written, separated by line feeds.
             * @example Fasting sample.
             */
            readonly note: string | null;
            /**
             * @description What was examined, as written, such as `Serum`.
             * @example Serum
             */
            readonly specimen: string | null;
            /**
             * @description Status code of the result in its source, unchanged. `preliminary` values may still change; `entered-in-error` results are `retracted` and have no values.
             * @example final
             */
            readonly status: string | null;
            /**
             * Format: date-time
             * @description When the specimen was taken, or else when the source says the result holds, as written, offset kept. Null when only a date is known: it is never midnight.
             * @example 2026-01-12T09:05:00-05:00
             */
            readonly collected_ts: string | null;
            /**
             * @description Time of collection as the source wrote it, whole or in part (`2026-01`, a period); null when it wrote none.
             * @example 2026-01-12T09:05:00-05:00
             */
            readonly collected_text: string | null;
            /**
             * Format: date-time
             * @description When the laboratory released this version of the result, as written, offset kept.
             * @example 2026-01-12T11:00:00.825-05:00
             */
            readonly reported_ts: string | null;
            readonly source: components["schemas"]["Source"];
            readonly source_type: components["schemas"]["SourceType"];
            readonly source_id: components["schemas"]["SourceId"];
            readonly security_labels: components["schemas"]["SecurityLabels"];
            readonly created_ts: components["schemas"]["CreatedTs"];
            readonly updated_ts: components["schemas"]["UpdatedTs"];
            readonly created_by: components["schemas"]["CreatedBy"];
            readonly updated_by: components["schemas"]["UpdatedBy"];
            readonly is_active: components["schemas"]["IsActive"];
            readonly record_state: components["schemas"]["RecordState"];
            readonly deleted_ts: components["schemas"]["DeletedTs"];
            readonly version: components["schemas"]["Version"];
        };
        /**
         * Health
         * @description What the service says about itself. It names no host, no secret and no patient.
         */
        readonly Health: {
            /**
             * @description `live`: the process answers. `ready`: it can serve every collection.
             * @example ready
             * @enum {string}
             */
            readonly status: "live" | "ready";
            /**
             * @description How the replica stands that reads are answered from: `in_use`, `behind` (further than it may be) or `away`. In the last two the primary answers. Absent where there is no replica.
             * @example in_use
             * @enum {string}
             */
            readonly replica?: "in_use" | "behind" | "away";
            /**
             * @description `info.version` of the contract that is served.
             * @example 1.0.0
             */
            readonly contract_version: string;
        };
    };
    responses: {
        /** @description The request breaks a rule of the contract; `errors` names each parameter and its rule. */
        readonly BadListRequest: {
            headers: {
                readonly "X-Request-Id": components["headers"]["X-Request-Id"];
                readonly "Cache-Control": components["headers"]["Cache-Control-No-Store"];
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description There is no key, or it is not one of this collection. Which of the two is not said. */
        readonly Unauthorized: {
            headers: {
                readonly "X-Request-Id": components["headers"]["X-Request-Id"];
                readonly "Cache-Control": components["headers"]["Cache-Control-No-Store"];
                readonly "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The collections of this service do not answer the client's address, whatever its key. */
        readonly Forbidden: {
            headers: {
                readonly "X-Request-Id": components["headers"]["X-Request-Id"];
                readonly "Cache-Control": components["headers"]["Cache-Control-No-Store"];
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description None of the media types in `Accept` can be given. */
        readonly NotAcceptable: {
            headers: {
                readonly "X-Request-Id": components["headers"]["X-Request-Id"];
                readonly "Cache-Control": components["headers"]["Cache-Control-No-Store"];
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The cursor is of another history of the store, or ahead of the feed. Load everything afresh, from Link. */
        readonly CursorExpired: {
            headers: {
                readonly "X-Request-Id": components["headers"]["X-Request-Id"];
                readonly "Cache-Control": components["headers"]["Cache-Control-No-Store"];
                readonly "Feed-Epoch": components["headers"]["Feed-Epoch"];
                readonly Link: components["headers"]["Link-First"];
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Too many wrong keys came from this address, and this request brought one more: a valid key is answered all the same. Or this consumer sent more requests than `RateLimit-Policy` allows. Try again after `Retry-After`. */
        readonly TooManyRequests: {
            headers: {
                readonly "X-Request-Id": components["headers"]["X-Request-Id"];
                readonly "Cache-Control": components["headers"]["Cache-Control-No-Store"];
                readonly "Retry-After": components["headers"]["Retry-After"];
                /**
                 * @description How many requests are left to this consumer (`r`) and for how many seconds (`t`), where it is limited (draft-ietf-httpapi-ratelimit-headers).
                 * @example "consumer";r=599;t=10
                 */
                readonly RateLimit?: string;
                /**
                 * @description How many requests this consumer may send (`q`) in so many seconds (`w`), where it is limited (draft-ietf-httpapi-ratelimit-headers).
                 * @example "consumer";q=600;w=10
                 */
                readonly "RateLimit-Policy"?: string;
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The service made a mistake. Its log tells more under the request id. */
        readonly InternalError: {
            headers: {
                readonly "X-Request-Id": components["headers"]["X-Request-Id"];
                readonly "Cache-Control": components["headers"]["Cache-Control-No-Store"];
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The keys, the store or the access audit cannot be reached at the moment, the service is not ready (`errors` names what is missing), it has more to do than it can, or it sends as many whole feeds as it may. Try again after `Retry-After`. */
        readonly Unavailable: {
            headers: {
                readonly "X-Request-Id": components["headers"]["X-Request-Id"];
                readonly "Cache-Control": components["headers"]["Cache-Control-No-Store"];
                readonly "Retry-After": components["headers"]["Retry-After"];
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The record still stands in a version that `If-None-Match` names. There is no body. */
        readonly NotModified: {
            headers: {
                readonly ETag: components["headers"]["ETag"];
                readonly "X-Request-Id": components["headers"]["X-Request-Id"];
                /**
                 * @description How many requests are left to this consumer (`r`) and for how many seconds (`t`), where it is limited (draft-ietf-httpapi-ratelimit-headers).
                 * @example "consumer";r=599;t=10
                 */
                readonly RateLimit?: string;
                /**
                 * @description How many requests this consumer may send (`q`) in so many seconds (`w`), where it is limited (draft-ietf-httpapi-ratelimit-headers).
                 * @example "consumer";q=600;w=10
                 */
                readonly "RateLimit-Policy"?: string;
                readonly "Cache-Control": components["headers"]["Cache-Control-Private"];
                readonly [name: string]: unknown;
            };
            content?: never;
        };
        /** @description The request breaks a rule of the contract; `errors` names each parameter and its rule. */
        readonly BadRequest: {
            headers: {
                readonly "X-Request-Id": components["headers"]["X-Request-Id"];
                readonly "Cache-Control": components["headers"]["Cache-Control-No-Store"];
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description This collection never had a record with this id. A record that was deleted at the source is still found. */
        readonly RecordNotFound: {
            headers: {
                readonly "X-Request-Id": components["headers"]["X-Request-Id"];
                readonly "Cache-Control": components["headers"]["Cache-Control-No-Store"];
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"];
            };
        };
    };
    parameters: {
        /**
         * @description Highest number of records on the page, as decimal digits. Without it a page of JSON holds 100 records, and NDJSON holds everything up to the end of the feed.
         * @example 100
         */
        readonly Limit: number;
        /**
         * @description Position to go on from: the Next-Cursor of an earlier response, unchanged. It is opaque, and holds only for the collection and the filters it came with. Beside `updated_since` the cursor counts alone.
         * @example cGF0aWVudHM6MTc2NzU5OTk5OTAwMDAwMQ
         */
        readonly Cursor: string;
        /**
         * @description Only records whose `updated_ts` is this time or later. RFC 3339 with a `T`, an offset or `Z`, and at most six fraction digits; no leap seconds. Write the `+` of an offset as `%2B`. Not beside `is_active` or `patient_id`.
         * @example 2026-01-05T08:00:00.000001Z
         */
        readonly UpdatedSince: string;
        /**
         * @description Only records that are active (`true`), or only those that are not (`false`). It makes the list a look-up, which cannot be followed.
         * @example true
         */
        readonly IsActiveFilter: boolean;
        /**
         * @description Id of the patient record, of the form `<source>:<Type>:<id>`. Percent-encode it as one path segment.
         * @example ehr:Patient:6c5d9ca9-0000-4000-8000-000000000001
         */
        readonly PatientId: string;
        /**
         * @description The `ETag` of each version that the client keeps, with commas between, or `*` for any. When the record still stands in one of them, the answer is 304 without a body.
         * @example "000647a5c0f0e240-1767599999000001"
         */
        readonly "If-None-Match": string;
        /**
         * @description The first position that the digest covers; without it the digest begins with the feed. RFC 3339, in the form of `updated_since`.
         * @example 2026-01-05T00:00:00Z
         */
        readonly DigestFrom: string;
        /**
         * @description The first position behind what the digest covers; without it the digest ends just behind `Feed-Position`. RFC 3339, in the form of `updated_since`.
         * @example 2026-01-06T00:00:00Z
         */
        readonly DigestTo: string;
        /**
         * @description Only records of this patient. It makes the list a look-up, which cannot be followed. An unknown patient gives an empty list.
         * @example ehr:Patient:6c5d9ca9-0000-4000-8000-000000000001
         */
        readonly PatientIdFilter: string;
        /**
         * @description Id of the appointment record, of the form `<source>:<Type>:<id>`. Percent-encode it as one path segment.
         * @example ehr:Encounter:17b801ac-0000-4000-8000-000000000001
         */
        readonly AppointmentId: string;
        /**
         * @description Id of the lab result record, of the form `<source>:<Type>:<id>`. Percent-encode it as one path segment.
         * @example ehr:Observation:d0e09312-0000-4000-8000-000000000001
         */
        readonly LabResultId: string;
    };
    requestBodies: never;
    headers: {
        /**
         * @description Position to save and to go on from. Always there on an unfiltered list, also when nothing more is waiting: whether more is waiting is said by Link alone. On a filtered list it is left out at the end. On NDJSON it is sent up front, and holds only if the body ended well.
         * @example cGF0aWVudHM6MTc2NzU5OTk5OTAwMDAwMg
         */
        readonly "Next-Cursor": string;
        /** @description Links as RFC 8288 has them, relative to this service. `rel="next"` is the next page, there only while more records are waiting. `rel="first"` is where to start again. */
        readonly Link: string;
        /**
         * @description History that the feed tells, as 16 hexadecimal digits. When it changes, the store was put back to an earlier state: load everything afresh. A later history has a higher value.
         * @example 000647a5c0f0e240
         */
        readonly "Feed-Epoch": string;
        /**
         * @description Position of the latest change in the collection, in the form of `updated_ts`. A reader whose last record has it is up to date. An empty collection says `1970-01-01T00:00:00.000000Z`.
         * @example 2026-01-05T08:00:00.000002Z
         */
        readonly "Feed-Position": string;
        /**
         * @description How long an empty page would have been held back: there when the request asked with `Prefer: wait=N`, also when records were waiting already.
         * @example wait=20
         */
        readonly "Preference-Applied": string;
        /**
         * @description Id of this request, as in the service's log. A request may bring its own in the same header (1 to 128 letters, digits, `.`, `_` and `-`); any other value is replaced by a new id, never refused.
         * @example 5f0c2b1e-7d53-4c4e-9a55-0d3a8b8f2c11
         */
        readonly "X-Request-Id": string;
        /**
         * @description How many requests are left to this consumer (`r`) and for how many seconds (`t`), where it is limited (draft-ietf-httpapi-ratelimit-headers).
         * @example "consumer";r=599;t=10
         */
        readonly RateLimit: string;
        /**
         * @description How many requests this consumer may send (`q`) in so many seconds (`w`), where it is limited (draft-ietf-httpapi-ratelimit-headers).
         * @example "consumer";q=600;w=10
         */
        readonly "RateLimit-Policy": string;
        /**
         * @description No cache, shared or private, may keep this response.
         * @example no-store
         */
        readonly "Cache-Control-No-Store": "no-store";
        /**
         * @description Scheme and realm (RFC 9110). The realm is the collection whose key is wanted in `x-api-key`.
         * @example ApiKey realm="patients"
         */
        readonly "WWW-Authenticate": string;
        /**
         * @description Link as RFC 8288 has it, relative to this service: where to start again.
         * @example </patients>; rel="first"
         */
        readonly "Link-First": string;
        /**
         * @description Seconds to wait before trying again (RFC 9110).
         * @example 5
         */
        readonly "Retry-After": number;
        /**
         * @description Opaque validator of this representation; it changes whenever the record does.
         * @example "000647a5c0f0e240-1767599999000001"
         */
        readonly ETag: string;
        /**
         * @description Only the client's own cache may keep this response, and it has to ask each time before it uses it.
         * @example private, no-cache
         */
        readonly "Cache-Control-Private": "private, no-cache";
        /**
         * @description A cache may keep this response, which holds no health data, and has to ask each time before it uses it.
         * @example no-cache
         */
        readonly "Cache-Control-No-Cache": "no-cache";
    };
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    readonly listPatients: {
        readonly parameters: {
            readonly query?: {
                /**
                 * @description Highest number of records on the page, as decimal digits. Without it a page of JSON holds 100 records, and NDJSON holds everything up to the end of the feed.
                 * @example 100
                 */
                readonly limit?: components["parameters"]["Limit"];
                /**
                 * @description Position to go on from: the Next-Cursor of an earlier response, unchanged. It is opaque, and holds only for the collection and the filters it came with. Beside `updated_since` the cursor counts alone.
                 * @example cGF0aWVudHM6MTc2NzU5OTk5OTAwMDAwMQ
                 */
                readonly cursor?: components["parameters"]["Cursor"];
                /**
                 * @description Only records whose `updated_ts` is this time or later. RFC 3339 with a `T`, an offset or `Z`, and at most six fraction digits; no leap seconds. Write the `+` of an offset as `%2B`. Not beside `is_active` or `patient_id`.
                 * @example 2026-01-05T08:00:00.000001Z
                 */
                readonly updated_since?: components["parameters"]["UpdatedSince"];
                /**
                 * @description Only records that are active (`true`), or only those that are not (`false`). It makes the list a look-up, which cannot be followed.
                 * @example true
                 */
                readonly is_active?: components["parameters"]["IsActiveFilter"];
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Records in the order of the feed, perhaps none. */
            readonly 200: {
                headers: {
                    /**
                     * @description Position to save and to go on from. Always there on an unfiltered list, also when nothing more is waiting: whether more is waiting is said by Link alone. On a filtered list it is left out at the end. On NDJSON it is sent up front, and holds only if the body ended well.
                     * @example cGF0aWVudHM6MTc2NzU5OTk5OTAwMDAwMg
                     */
                    readonly "Next-Cursor"?: string;
                    /** @description Links as RFC 8288 has them, relative to this service. `rel="next"` is the next page, there only while more records are waiting. `rel="first"` is where to start again. */
                    readonly Link?: string;
                    readonly "Feed-Epoch": components["headers"]["Feed-Epoch"];
                    readonly "Feed-Position": components["headers"]["Feed-Position"];
                    /**
                     * @description How long an empty page would have been held back: there when the request asked with `Prefer: wait=N`, also when records were waiting already.
                     * @example wait=20
                     */
                    readonly "Preference-Applied"?: string;
                    readonly "X-Request-Id": components["headers"]["X-Request-Id"];
                    /**
                     * @description How many requests are left to this consumer (`r`) and for how many seconds (`t`), where it is limited (draft-ietf-httpapi-ratelimit-headers).
                     * @example "consumer";r=599;t=10
                     */
                    readonly RateLimit?: string;
                    /**
                     * @description How many requests this consumer may send (`q`) in so many seconds (`w`), where it is limited (draft-ietf-httpapi-ratelimit-headers).
                     * @example "consumer";q=600;w=10
                     */
                    readonly "RateLimit-Policy"?: string;
                    readonly "Cache-Control": components["headers"]["Cache-Control-No-Store"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": readonly components["schemas"]["Patient"][];
                    readonly "application/x-ndjson": string;
                };
            };
            readonly 400: components["responses"]["BadListRequest"];
            readonly 401: components["responses"]["Unauthorized"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 406: components["responses"]["NotAcceptable"];
            readonly 410: components["responses"]["CursorExpired"];
            readonly 429: components["responses"]["TooManyRequests"];
            readonly 500: components["responses"]["InternalError"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
    readonly getPatient: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /**
                 * @description The `ETag` of each version that the client keeps, with commas between, or `*` for any. When the record still stands in one of them, the answer is 304 without a body.
                 * @example "000647a5c0f0e240-1767599999000001"
                 */
                readonly "If-None-Match"?: components["parameters"]["If-None-Match"];
            };
            readonly path: {
                /**
                 * @description Id of the patient record, of the form `<source>:<Type>:<id>`. Percent-encode it as one path segment.
                 * @example ehr:Patient:6c5d9ca9-0000-4000-8000-000000000001
                 */
                readonly patient_id: components["parameters"]["PatientId"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The record. */
            readonly 200: {
                headers: {
                    readonly ETag: components["headers"]["ETag"];
                    readonly "X-Request-Id": components["headers"]["X-Request-Id"];
                    /**
                     * @description How many requests are left to this consumer (`r`) and for how many seconds (`t`), where it is limited (draft-ietf-httpapi-ratelimit-headers).
                     * @example "consumer";r=599;t=10
                     */
                    readonly RateLimit?: string;
                    /**
                     * @description How many requests this consumer may send (`q`) in so many seconds (`w`), where it is limited (draft-ietf-httpapi-ratelimit-headers).
                     * @example "consumer";q=600;w=10
                     */
                    readonly "RateLimit-Policy"?: string;
                    readonly "Cache-Control": components["headers"]["Cache-Control-Private"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Patient"];
                };
            };
            readonly 304: components["responses"]["NotModified"];
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthorized"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["RecordNotFound"];
            readonly 406: components["responses"]["NotAcceptable"];
            readonly 429: components["responses"]["TooManyRequests"];
            readonly 500: components["responses"]["InternalError"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
    readonly getPatientsDigest: {
        readonly parameters: {
            readonly query?: {
                /**
                 * @description The first position that the digest covers; without it the digest begins with the feed. RFC 3339, in the form of `updated_since`.
                 * @example 2026-01-05T00:00:00Z
                 */
                readonly from?: components["parameters"]["DigestFrom"];
                /**
                 * @description The first position behind what the digest covers; without it the digest ends just behind `Feed-Position`. RFC 3339, in the form of `updated_since`.
                 * @example 2026-01-06T00:00:00Z
                 */
                readonly to?: components["parameters"]["DigestTo"];
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The digest. */
            readonly 200: {
                headers: {
                    readonly "Feed-Epoch": components["headers"]["Feed-Epoch"];
                    readonly "Feed-Position": components["headers"]["Feed-Position"];
                    readonly "X-Request-Id": components["headers"]["X-Request-Id"];
                    readonly "Cache-Control": components["headers"]["Cache-Control-No-Store"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        /**
                         * Format: date-time
                         * @description The first position that the answer covers, in the form of `updated_ts`.
                         * @example 1970-01-01T00:00:00.000000Z
                         */
                        readonly from: string;
                        /**
                         * Format: date-time
                         * @description The first position behind what the answer covers. When it is earlier than was asked for, go on from here.
                         * @example 2026-01-05T08:00:00.000003Z
                         */
                        readonly to: string;
                        /**
                         * Format: int32
                         * @description How many records the stretch holds.
                         * @example 2
                         */
                        readonly count: number;
                        /**
                         * @description The exclusive or, over these records, of the first 15 hexadecimal digits of `MD5("<position> <id>")`; the position is `updated_ts` in microseconds since 1970, in decimal. It does not depend on the order, and is all zeros for no records.
                         * @example 0c2f5f1a9d3e7b4
                         */
                        readonly digest: string;
                    };
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthorized"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 406: components["responses"]["NotAcceptable"];
            readonly 429: components["responses"]["TooManyRequests"];
            readonly 500: components["responses"]["InternalError"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
    readonly listAppointments: {
        readonly parameters: {
            readonly query?: {
                /**
                 * @description Highest number of records on the page, as decimal digits. Without it a page of JSON holds 100 records, and NDJSON holds everything up to the end of the feed.
                 * @example 100
                 */
                readonly limit?: components["parameters"]["Limit"];
                /**
                 * @description Position to go on from: the Next-Cursor of an earlier response, unchanged. It is opaque, and holds only for the collection and the filters it came with. Beside `updated_since` the cursor counts alone.
                 * @example cGF0aWVudHM6MTc2NzU5OTk5OTAwMDAwMQ
                 */
                readonly cursor?: components["parameters"]["Cursor"];
                /**
                 * @description Only records whose `updated_ts` is this time or later. RFC 3339 with a `T`, an offset or `Z`, and at most six fraction digits; no leap seconds. Write the `+` of an offset as `%2B`. Not beside `is_active` or `patient_id`.
                 * @example 2026-01-05T08:00:00.000001Z
                 */
                readonly updated_since?: components["parameters"]["UpdatedSince"];
                /**
                 * @description Only records that are active (`true`), or only those that are not (`false`). It makes the list a look-up, which cannot be followed.
                 * @example true
                 */
                readonly is_active?: components["parameters"]["IsActiveFilter"];
                /**
                 * @description Only records of this patient. It makes the list a look-up, which cannot be followed. An unknown patient gives an empty list.
                 * @example ehr:Patient:6c5d9ca9-0000-4000-8000-000000000001
                 */
                readonly patient_id?: components["parameters"]["PatientIdFilter"];
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Records in the order of the feed, perhaps none. */
            readonly 200: {
                headers: {
                    /**
                     * @description Position to save and to go on from. Always there on an unfiltered list, also when nothing more is waiting: whether more is waiting is said by Link alone. On a filtered list it is left out at the end. On NDJSON it is sent up front, and holds only if the body ended well.
                     * @example cGF0aWVudHM6MTc2NzU5OTk5OTAwMDAwMg
                     */
                    readonly "Next-Cursor"?: string;
                    /** @description Links as RFC 8288 has them, relative to this service. `rel="next"` is the next page, there only while more records are waiting. `rel="first"` is where to start again. */
                    readonly Link?: string;
                    readonly "Feed-Epoch": components["headers"]["Feed-Epoch"];
                    readonly "Feed-Position": components["headers"]["Feed-Position"];
                    /**
                     * @description How long an empty page would have been held back: there when the request asked with `Prefer: wait=N`, also when records were waiting already.
                     * @example wait=20
                     */
                    readonly "Preference-Applied"?: string;
                    readonly "X-Request-Id": components["headers"]["X-Request-Id"];
                    /**
                     * @description How many requests are left to this consumer (`r`) and for how many seconds (`t`), where it is limited (draft-ietf-httpapi-ratelimit-headers).
                     * @example "consumer";r=599;t=10
                     */
                    readonly RateLimit?: string;
                    /**
                     * @description How many requests this consumer may send (`q`) in so many seconds (`w`), where it is limited (draft-ietf-httpapi-ratelimit-headers).
                     * @example "consumer";q=600;w=10
                     */
                    readonly "RateLimit-Policy"?: string;
                    readonly "Cache-Control": components["headers"]["Cache-Control-No-Store"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": readonly components["schemas"]["Appointment"][];
                    readonly "application/x-ndjson": string;
                };
            };
            readonly 400: components["responses"]["BadListRequest"];
            readonly 401: components["responses"]["Unauthorized"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 406: components["responses"]["NotAcceptable"];
            readonly 410: components["responses"]["CursorExpired"];
            readonly 429: components["responses"]["TooManyRequests"];
            readonly 500: components["responses"]["InternalError"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
    readonly getAppointment: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /**
                 * @description The `ETag` of each version that the client keeps, with commas between, or `*` for any. When the record still stands in one of them, the answer is 304 without a body.
                 * @example "000647a5c0f0e240-1767599999000001"
                 */
                readonly "If-None-Match"?: components["parameters"]["If-None-Match"];
            };
            readonly path: {
                /**
                 * @description Id of the appointment record, of the form `<source>:<Type>:<id>`. Percent-encode it as one path segment.
                 * @example ehr:Encounter:17b801ac-0000-4000-8000-000000000001
                 */
                readonly appointment_id: components["parameters"]["AppointmentId"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The record. */
            readonly 200: {
                headers: {
                    readonly ETag: components["headers"]["ETag"];
                    readonly "X-Request-Id": components["headers"]["X-Request-Id"];
                    /**
                     * @description How many requests are left to this consumer (`r`) and for how many seconds (`t`), where it is limited (draft-ietf-httpapi-ratelimit-headers).
                     * @example "consumer";r=599;t=10
                     */
                    readonly RateLimit?: string;
                    /**
                     * @description How many requests this consumer may send (`q`) in so many seconds (`w`), where it is limited (draft-ietf-httpapi-ratelimit-headers).
                     * @example "consumer";q=600;w=10
                     */
                    readonly "RateLimit-Policy"?: string;
                    readonly "Cache-Control": components["headers"]["Cache-Control-Private"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Appointment"];
                };
            };
            readonly 304: components["responses"]["NotModified"];
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthorized"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["RecordNotFound"];
            readonly 406: components["responses"]["NotAcceptable"];
            readonly 429: components["responses"]["TooManyRequests"];
            readonly 500: components["responses"]["InternalError"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
    readonly getAppointmentsDigest: {
        readonly parameters: {
            readonly query?: {
                /**
                 * @description The first position that the digest covers; without it the digest begins with the feed. RFC 3339, in the form of `updated_since`.
                 * @example 2026-01-05T00:00:00Z
                 */
                readonly from?: components["parameters"]["DigestFrom"];
                /**
                 * @description The first position behind what the digest covers; without it the digest ends just behind `Feed-Position`. RFC 3339, in the form of `updated_since`.
                 * @example 2026-01-06T00:00:00Z
                 */
                readonly to?: components["parameters"]["DigestTo"];
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The digest. */
            readonly 200: {
                headers: {
                    readonly "Feed-Epoch": components["headers"]["Feed-Epoch"];
                    readonly "Feed-Position": components["headers"]["Feed-Position"];
                    readonly "X-Request-Id": components["headers"]["X-Request-Id"];
                    readonly "Cache-Control": components["headers"]["Cache-Control-No-Store"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        /**
                         * Format: date-time
                         * @description The first position that the answer covers, in the form of `updated_ts`.
                         * @example 1970-01-01T00:00:00.000000Z
                         */
                        readonly from: string;
                        /**
                         * Format: date-time
                         * @description The first position behind what the answer covers. When it is earlier than was asked for, go on from here.
                         * @example 2026-01-05T08:00:00.000003Z
                         */
                        readonly to: string;
                        /**
                         * Format: int32
                         * @description How many records the stretch holds.
                         * @example 2
                         */
                        readonly count: number;
                        /**
                         * @description The exclusive or, over these records, of the first 15 hexadecimal digits of `MD5("<position> <id>")`; the position is `updated_ts` in microseconds since 1970, in decimal. It does not depend on the order, and is all zeros for no records.
                         * @example 0c2f5f1a9d3e7b4
                         */
                        readonly digest: string;
                    };
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthorized"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 406: components["responses"]["NotAcceptable"];
            readonly 429: components["responses"]["TooManyRequests"];
            readonly 500: components["responses"]["InternalError"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
    readonly listLabResults: {
        readonly parameters: {
            readonly query?: {
                /**
                 * @description Highest number of records on the page, as decimal digits. Without it a page of JSON holds 100 records, and NDJSON holds everything up to the end of the feed.
                 * @example 100
                 */
                readonly limit?: components["parameters"]["Limit"];
                /**
                 * @description Position to go on from: the Next-Cursor of an earlier response, unchanged. It is opaque, and holds only for the collection and the filters it came with. Beside `updated_since` the cursor counts alone.
                 * @example cGF0aWVudHM6MTc2NzU5OTk5OTAwMDAwMQ
                 */
                readonly cursor?: components["parameters"]["Cursor"];
                /**
                 * @description Only records whose `updated_ts` is this time or later. RFC 3339 with a `T`, an offset or `Z`, and at most six fraction digits; no leap seconds. Write the `+` of an offset as `%2B`. Not beside `is_active` or `patient_id`.
                 * @example 2026-01-05T08:00:00.000001Z
                 */
                readonly updated_since?: components["parameters"]["UpdatedSince"];
                /**
                 * @description Only records that are active (`true`), or only those that are not (`false`). It makes the list a look-up, which cannot be followed.
                 * @example true
                 */
                readonly is_active?: components["parameters"]["IsActiveFilter"];
                /**
                 * @description Only records of this patient. It makes the list a look-up, which cannot be followed. An unknown patient gives an empty list.
                 * @example ehr:Patient:6c5d9ca9-0000-4000-8000-000000000001
                 */
                readonly patient_id?: components["parameters"]["PatientIdFilter"];
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Records in the order of the feed, perhaps none. */
            readonly 200: {
                headers: {
                    /**
                     * @description Position to save and to go on from. Always there on an unfiltered list, also when nothing more is waiting: whether more is waiting is said by Link alone. On a filtered list it is left out at the end. On NDJSON it is sent up front, and holds only if the body ended well.
                     * @example cGF0aWVudHM6MTc2NzU5OTk5OTAwMDAwMg
                     */
                    readonly "Next-Cursor"?: string;
                    /** @description Links as RFC 8288 has them, relative to this service. `rel="next"` is the next page, there only while more records are waiting. `rel="first"` is where to start again. */
                    readonly Link?: string;
                    readonly "Feed-Epoch": components["headers"]["Feed-Epoch"];
                    readonly "Feed-Position": components["headers"]["Feed-Position"];
                    /**
                     * @description How long an empty page would have been held back: there when the request asked with `Prefer: wait=N`, also when records were waiting already.
                     * @example wait=20
                     */
                    readonly "Preference-Applied"?: string;
                    readonly "X-Request-Id": components["headers"]["X-Request-Id"];
                    /**
                     * @description How many requests are left to this consumer (`r`) and for how many seconds (`t`), where it is limited (draft-ietf-httpapi-ratelimit-headers).
                     * @example "consumer";r=599;t=10
                     */
                    readonly RateLimit?: string;
                    /**
                     * @description How many requests this consumer may send (`q`) in so many seconds (`w`), where it is limited (draft-ietf-httpapi-ratelimit-headers).
                     * @example "consumer";q=600;w=10
                     */
                    readonly "RateLimit-Policy"?: string;
                    readonly "Cache-Control": components["headers"]["Cache-Control-No-Store"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": readonly components["schemas"]["LabResult"][];
                    readonly "application/x-ndjson": string;
                };
            };
            readonly 400: components["responses"]["BadListRequest"];
            readonly 401: components["responses"]["Unauthorized"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 406: components["responses"]["NotAcceptable"];
            readonly 410: components["responses"]["CursorExpired"];
            readonly 429: components["responses"]["TooManyRequests"];
            readonly 500: components["responses"]["InternalError"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
    readonly getLabResult: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /**
                 * @description The `ETag` of each version that the client keeps, with commas between, or `*` for any. When the record still stands in one of them, the answer is 304 without a body.
                 * @example "000647a5c0f0e240-1767599999000001"
                 */
                readonly "If-None-Match"?: components["parameters"]["If-None-Match"];
            };
            readonly path: {
                /**
                 * @description Id of the lab result record, of the form `<source>:<Type>:<id>`. Percent-encode it as one path segment.
                 * @example ehr:Observation:d0e09312-0000-4000-8000-000000000001
                 */
                readonly lab_result_id: components["parameters"]["LabResultId"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The record. */
            readonly 200: {
                headers: {
                    readonly ETag: components["headers"]["ETag"];
                    readonly "X-Request-Id": components["headers"]["X-Request-Id"];
                    /**
                     * @description How many requests are left to this consumer (`r`) and for how many seconds (`t`), where it is limited (draft-ietf-httpapi-ratelimit-headers).
                     * @example "consumer";r=599;t=10
                     */
                    readonly RateLimit?: string;
                    /**
                     * @description How many requests this consumer may send (`q`) in so many seconds (`w`), where it is limited (draft-ietf-httpapi-ratelimit-headers).
                     * @example "consumer";q=600;w=10
                     */
                    readonly "RateLimit-Policy"?: string;
                    readonly "Cache-Control": components["headers"]["Cache-Control-Private"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["LabResult"];
                };
            };
            readonly 304: components["responses"]["NotModified"];
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthorized"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 404: components["responses"]["RecordNotFound"];
            readonly 406: components["responses"]["NotAcceptable"];
            readonly 429: components["responses"]["TooManyRequests"];
            readonly 500: components["responses"]["InternalError"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
    readonly getLabResultsDigest: {
        readonly parameters: {
            readonly query?: {
                /**
                 * @description The first position that the digest covers; without it the digest begins with the feed. RFC 3339, in the form of `updated_since`.
                 * @example 2026-01-05T00:00:00Z
                 */
                readonly from?: components["parameters"]["DigestFrom"];
                /**
                 * @description The first position behind what the digest covers; without it the digest ends just behind `Feed-Position`. RFC 3339, in the form of `updated_since`.
                 * @example 2026-01-06T00:00:00Z
                 */
                readonly to?: components["parameters"]["DigestTo"];
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The digest. */
            readonly 200: {
                headers: {
                    readonly "Feed-Epoch": components["headers"]["Feed-Epoch"];
                    readonly "Feed-Position": components["headers"]["Feed-Position"];
                    readonly "X-Request-Id": components["headers"]["X-Request-Id"];
                    readonly "Cache-Control": components["headers"]["Cache-Control-No-Store"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        /**
                         * Format: date-time
                         * @description The first position that the answer covers, in the form of `updated_ts`.
                         * @example 1970-01-01T00:00:00.000000Z
                         */
                        readonly from: string;
                        /**
                         * Format: date-time
                         * @description The first position behind what the answer covers. When it is earlier than was asked for, go on from here.
                         * @example 2026-01-05T08:00:00.000003Z
                         */
                        readonly to: string;
                        /**
                         * Format: int32
                         * @description How many records the stretch holds.
                         * @example 2
                         */
                        readonly count: number;
                        /**
                         * @description The exclusive or, over these records, of the first 15 hexadecimal digits of `MD5("<position> <id>")`; the position is `updated_ts` in microseconds since 1970, in decimal. It does not depend on the order, and is all zeros for no records.
                         * @example 0c2f5f1a9d3e7b4
                         */
                        readonly digest: string;
                    };
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 401: components["responses"]["Unauthorized"];
            readonly 403: components["responses"]["Forbidden"];
            readonly 406: components["responses"]["NotAcceptable"];
            readonly 429: components["responses"]["TooManyRequests"];
            readonly 500: components["responses"]["InternalError"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
    readonly getLiveness: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The process is alive. */
            readonly 200: {
                headers: {
                    readonly "X-Request-Id": components["headers"]["X-Request-Id"];
                    readonly "Cache-Control": components["headers"]["Cache-Control-No-Store"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Health"];
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 500: components["responses"]["InternalError"];
        };
    };
    readonly getReadiness: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The service can serve. */
            readonly 200: {
                headers: {
                    readonly "X-Request-Id": components["headers"]["X-Request-Id"];
                    readonly "Cache-Control": components["headers"]["Cache-Control-No-Store"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Health"];
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 500: components["responses"]["InternalError"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
    readonly getHome: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The page. */
            readonly 200: {
                headers: {
                    readonly "X-Request-Id": components["headers"]["X-Request-Id"];
                    readonly "Cache-Control": components["headers"]["Cache-Control-No-Cache"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "text/html": string;
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 500: components["responses"]["InternalError"];
        };
    };
    readonly getContract: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The OpenAPI document. */
            readonly 200: {
                headers: {
                    readonly "X-Request-Id": components["headers"]["X-Request-Id"];
                    readonly "Cache-Control": components["headers"]["Cache-Control-No-Cache"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": Record<string, unknown>;
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 500: components["responses"]["InternalError"];
        };
    };
    readonly getDocs: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The page. */
            readonly 200: {
                headers: {
                    readonly "X-Request-Id": components["headers"]["X-Request-Id"];
                    readonly "Cache-Control": components["headers"]["Cache-Control-No-Cache"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "text/html": string;
                };
            };
            readonly 400: components["responses"]["BadRequest"];
            readonly 500: components["responses"]["InternalError"];
        };
    };
}
