/** Maps one resource as the importer does: through JSON text, then checked against the contract. */
import { readContract } from '../../../src/contract/contract.js';
import { createDayOf } from '../../../src/ingest/fhir/data-types.js';
import { mapResource } from '../../../src/ingest/fhir/map-resource.js';
import type { Mapping } from '../../../src/ingest/fhir/mapping.js';
import { readJson } from '../../../src/ingest/read/lines.js';
import { createRecordValidator } from '../../../src/ingest/validate-record.js';

export const validator = createRecordValidator(readContract());
const context = {
  source: 'ehr',
  today: '2026-02-01',
  dayOf: createDayOf('America/New_York'),
};

export function mapped(text: string): readonly Mapping[] {
  return mapResource(readJson(text), context);
}

/** The one record that a resource gives, as stored, and what was left out of it. */
export function stored(resource: object | string) {
  const text = typeof resource === 'string' ? resource : JSON.stringify(resource);
  const [mapping, ...others] = mapped(text);
  if (mapping?.kind !== 'record' || others.length > 0) {
    throw new Error(`not one record but ${JSON.stringify([mapping, ...others])}`);
  }
  const validated = validator.validate(mapping);
  if (validated.kind === 'rejected') throw new Error(`rejected: ${JSON.stringify(validated)}`);
  const content = JSON.parse(validated.record.content) as Readonly<Record<string, unknown>>;
  return { content, state: validated.record.recordState, defects: validated.defects };
}

/** Why a resource is refused, by the mapping or by the contract. */
export function refusal(resource: object) {
  for (const mapping of mapped(JSON.stringify(resource))) {
    const outcome = mapping.kind === 'record' ? validator.validate(mapping) : mapping;
    if (outcome.kind === 'rejected') return { rule: outcome.rule, pointer: outcome.pointer };
  }
  return undefined;
}

/** All that a resource becomes, in its order: records as stored, what is refused and what is skipped; not what it ends. */
export function outcomes(resource: object | string): readonly Readonly<Record<string, unknown>>[] {
  const text = typeof resource === 'string' ? resource : JSON.stringify(resource);
  const made = mapped(text).filter((mapping) => !('endsOlder' in mapping));
  return made.map((mapping) => {
    const outcome = mapping.kind === 'record' ? validator.validate(mapping) : mapping;
    switch (outcome.kind) {
      case 'skipped':
        return { skipped: outcome.type };
      case 'fact':
        return { says: outcome.fields, of: outcome.about };
      case 'rejected':
        return { rejected: outcome.rule, at: outcome.pointer };
      case 'valid': {
        const { content, recordState: state } = outcome.record;
        const defects = outcome.defects.map(({ field }) => field);
        return { state, record: JSON.parse(content) as unknown, defects };
      }
    }
  });
}
