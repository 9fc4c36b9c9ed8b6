/** FHIR R4 Observation of category laboratory → lab_results: the result itself and one for each component. */
import type { CodeableConcept, Observation } from 'fhir/r4.js';
import { conceptText, preferredCoding } from './codeable-concept.js';
import { collectedOf } from './collected.js';
import { isKnownValue, labValue, valueNames } from './lab-value.js';
import {
  labResultFields,
  type LabResultView,
  type Measured,
  statusOf,
} from './lab-result-fields.js';
import {
  createContentOf,
  type Defect,
  type MappedRecord,
  type Mapping,
  type MappingContext,
  type Rejected,
  rejected,
  type ResourceFields,
  unreadable,
} from './mapping.js';
import { fitCategory, fitObservation } from './observation-shape.js';
import { recordId, targetOf } from './reference.js';
import { referenceRangeOf } from './reference-range.js';
import { ownId, versionOf } from './source-fields.js';

const contentOf = createContentOf(labResultFields);

export function mapObservation(
  resource: ResourceFields,
  context: MappingContext,
): readonly Mapping[] {
  const category = fitCategory({ category: resource.category });
  if (category.kind === 'rejected') return [unreadable('lab_results', category)];
  if (category.resource.category?.some(isLaboratory) !== true) {
    return [{ kind: 'skipped', type: 'Observation (not laboratory)' }];
  }
  const fitted = fitObservation(resource);
  if (fitted.kind === 'rejected') return [unreadable('lab_results', fitted)];
  const { resource: observation, defects } = fitted;
  return refusalOf(observation) ?? resultsOf(observation, defects, context);
}

// The codings of "laboratory" in use: FHIR's own, HL7 v2 table 0074, and SNOMED CT's procedure.
const laboratoryCodes: ReadonlySet<string | undefined> = new Set([
  'laboratory',
  'LAB',
  '108252007',
]);

function isLaboratory({ coding }: CodeableConcept): boolean {
  return coding?.some(({ code }) => laboratoryCodes.has(code)) === true;
}

function refusalOf(observation: Observation): readonly Rejected[] | undefined {
  const refuse = (rule: 'subject' | 'structure', pointer: string, reason: string) => [
    rejected('lab_results', rule, pointer, reason),
  ];
  if (targetOf(observation.subject, 'Patient')?.type !== 'Patient') {
    return refuse('subject', '/subject', 'must refer to a Patient by its id');
  }
  if ((observation.focus ?? []).length > 0) {
    return refuse('subject', '/focus', "must be absent: the value is not the patient's own");
  }
  for (const holder of [observation, ...(observation.component ?? [])]) {
    const [name, ...others] = valueNames(holder);
    if (others.length > 0) return refuse('structure', '', 'must have one value[x] only');
    if (name !== undefined && !isKnownValue(name)) {
      return refuse('structure', '', 'must have no value[x] that FHIR R4 Observation has not');
    }
  }
  return undefined;
}

/** @see FHIR R4 observation.html, Observation Grouping */
function resultsOf(
  observation: Observation,
  defects: readonly Defect[],
  context: MappingContext,
): readonly Mapping[] {
  const { id = '', component = [] } = observation;
  const own = isGrouping(observation)
    ? ({ kind: 'skipped', type: 'Observation (panel without a value)' } as const)
    : keyOf(observation) === null
      ? nameless('/code')
      : resultOf(observation, observation, { id, panelId: null }, defects, context);
  const panelId = recordId(context.source, 'Observation', id);
  const occurrences = new Map<string, number>();
  const parts = component.map((measured, index) => {
    const key = keyOf(measured);
    if (key === null) return nameless(`/component/${index}/code`);
    const occurrence = (occurrences.get(key) ?? 0) + 1;
    occurrences.set(key, occurrence);
    const suffix = occurrence === 1 ? key : `${key}~${occurrence}`;
    return resultOf(observation, measured, { id: `${id}~${suffix}`, panelId }, defects, context);
  });
  return [own, ...parts];
}

function nameless(pointer: string): Rejected {
  return rejected('lab_results', 'structure', pointer, 'must say by code or text which test it is');
}

/** A parent that only holds results together is none itself; one that was retracted may have been one before. */
function isGrouping(observation: Observation): boolean {
  const { component = [], hasMember = [], dataAbsentReason } = observation;
  return (
    component.length + hasMember.length > 0 &&
    dataAbsentReason === undefined &&
    valueNames(observation).length === 0 &&
    statusOf(observation) !== 'entered-in-error'
  );
}

/** What names a component in its panel, in characters that an id may have. */
function keyOf({ code }: Measured): string | null {
  const key = preferredCoding(code)?.code ?? conceptText(code);
  return key === null ? null : encodeURIComponent(Buffer.from(key).toString());
}

function resultOf(
  observation: Observation,
  part: Measured,
  { id, panelId }: { readonly id: string; readonly panelId: string | null },
  defects: readonly Defect[],
  { source }: MappingContext,
): MappedRecord {
  const { meta, note = [] } = observation;
  const isRetracted = statusOf(observation) === 'entered-in-error';
  const measured = isRetracted ? withoutValue(part) : part;
  const patientId = recordId(source, 'Patient', targetOf(observation.subject, 'Patient')?.id ?? '');
  const view: LabResultView = {
    source,
    sourceType: 'Observation',
    sourceId: id,
    meta,
    observation,
    measured,
    value: labValue(measured),
    reference: referenceRangeOf(part.referenceRange, part.valueQuantity),
    collected: collectedOf(observation),
    notes: isRetracted ? [] : note,
    patientId,
    panelId,
  };
  return {
    kind: 'record',
    collection: 'lab_results',
    id: ownId(view),
    patientId,
    recordState: isRetracted ? 'retracted' : 'active',
    content: contentOf(view),
    defects,
    ...versionOf(meta),
  };
}

/** What the source still repeats of a retracted result was wrong. */
function withoutValue({ code }: Measured): Measured {
  return code === undefined ? {} : { code };
}
