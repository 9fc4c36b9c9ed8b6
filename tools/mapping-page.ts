// The page of the mapping, from the same tables that the import reads resources with.
import { appointmentFields, encounterFields } from '../src/ingest/fhir/appointments-fields.js';
import { labResultFields } from '../src/ingest/fhir/lab-results-fields.js';
import { patientFields } from '../src/ingest/fhir/patients.js';

type Table = Readonly<Record<string, { readonly from: string; readonly lost?: string }>>;

const tables: readonly (readonly [heading: string, table: Table])[] = [
  ['Patient → patients', patientFields],
  ['Encounter → appointments (visits)', encounterFields],
  ['Appointment → appointments (bookings)', appointmentFields],
  ['Observation of the laboratory → lab_results', labResultFields],
];

export function mappingPage(): string {
  return `<!-- Written by \`npm run generate\` from the tables of fields in src/ingest/fhir/. -->

# The mapping, field by field

For operators and data teams. After this page you know which element of FHIR R4 each field of a record comes from, and what is lost.
[How resources are read](reading-fhir.md) has the rules.

${tables.map(([heading, table]) => section(heading, table)).join('\n')}`;
}

function section(heading: string, table: Table): string {
  const rows = Object.entries(table).map(
    ([field, { from, lost = '' }]) => `| \`${field}\` | ${cell(from)} | ${cell(lost)} |`,
  );
  return `## ${heading}

| field | element | what is lost |
| --- | --- | --- |
${rows.join('\n')}
`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
