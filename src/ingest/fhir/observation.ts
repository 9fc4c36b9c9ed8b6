/** FHIR R4 Observation of category laboratory → lab_results: the result itself and one for each component. */
import type { Annotation, Observation } from 'fhir/r4.js';
import { conceptText, preferredCoding } from './data-types.js';
import { recordId } from '../../contract/record-id.js';
import { type Holder, ownId, type ReadLink, readLink, targetOf, versionOf } from './identity.js';
import {
  labResultFields,
  type LabResultView,
  type Measured,
  referenceRangeOf,
  statusOf,
} from './lab-results-fields.js';
import {
  absentReasonOf,
  isKnownValue,
  labValue,
  reasonInWords,
  valueNames,
  valueShapes,
} from './lab-value.js';
import { isLaboratory, otherObservation } from './laboratory.js';
import {
  createContentOf,
  type Defect,
  type MappedFact,
  type MappedRecord,
  type Mapping,
  type MappingContext,
  ofNoPatient,
  type Rejected,
  rejected,
  type ResourceFields,
  unreadable,
} from './mapping.js';
import {
  backbone,
  common,
  concept,
  concepts,
  createFit,
  element,
  list,
  period,
  reference,
  referenceRanges,
  text,
  texts,
} from './shape.js';
import { collectedOf, specimenOf } from './specimen.js';
import { statusError } from './statuses.js';

const contentOf = createContentOf(labResultFields);

export function mapObservation(
  resource: ResourceFields,
  context: MappingContext,
): readonly Mapping[] {
  const category = fitCategory({ category: resource.category });
  if (category.kind === 'rejected') return [unreadable('lab_results', category)];
  const { category: categories = [] } = category.resource;
  if (!categories.some(isLaboratory)) {
    return [{ kind: 'skipped', type: otherObservation(resource, categories) }];
  }
  const fitted = fitObservation(resource);
  if (fitted.kind === 'rejected') return [unreadable('lab_results', fitted)];
  const { resource: observation, defects } = fitted;
  const holder = holderOf(observation);
  const patient = readLink(
    { field: 'patient_id', reference: observation.subject, type: 'Patient' },
    context.source,
    holder,
  );
  if (patient.id === null) return [ofNoPatient('lab_results', '/subject')];
  const refusal = refusalOf(observation);
  if (refusal !== undefined) return [refusal];
  const visit = readLink(
    { field: 'appointment_id', reference: observation.encounter, type: 'Encounter' },
    context.source,
    holder,
  );
  const results = resultsOf(observation, {
    context,
    visit,
    patientId: patient.id,
    refersTo: specimenReferredTo(observation, context.source),
    defects: [...defects, ...patient.defects, ...visit.defects],
  });
  return [...results, ...factsOfMembers(observation, patient.id, context.source)];
}

/** What the results of one Observation share. */
interface Shared {
  readonly context: MappingContext;
  readonly patientId: string;
  readonly visit: ReadLink;
  readonly refersTo: string | undefined;
  readonly defects: readonly Defect[];
}

/** @see FHIR R4 observation.html, Observation Grouping */
function resultsOf(observation: Observation, shared: Shared): readonly Mapping[] {
  const { id = '', component = [] } = observation;
  const own = isGrouping(observation)
    ? ({ kind: 'skipped', type: 'Observation (panel without a value)' } as const)
    : !isNamed(observation)
      ? nameless('/code')
      : resultOf(observation, observation, { id, panelId: null }, shared);
  const panelId = recordId(shared.context.source, 'Observation', id);
  const occurrences = new Map<string, number>();
  const parts = component.map((measured, index) => {
    const key = keyOf(measured);
    if (key === undefined) return nameless(`/component/${index}/code`);
    const occurrence = (occurrences.get(key) ?? 0) + 1;
    occurrences.set(key, occurrence);
    const suffix = occurrence === 1 ? key : `${key}~${occurrence}`;
    return resultOf(observation, measured, { id: `${id}~${suffix}`, panelId }, shared);
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

function nameOf({ code }: Measured): string | null {
  return preferredCoding(code)?.code ?? conceptText(code);
}

function isNamed(measured: Measured): boolean {
  return nameOf(measured) !== null;
}

/** What names a component in its panel, in characters that an id may have; `~` comes before the occurrence only. */
function keyOf(measured: Measured): string | undefined {
  const key = nameOf(measured);
  return key === null
    ? undefined
    : encodeURIComponent(Buffer.from(key).toString()).replaceAll('~', '%7E');
}

function resultOf(
  observation: Observation,
  part: Measured,
  { id, panelId }: { readonly id: string; readonly panelId: string | null },
  { context: { source }, patientId, visit, refersTo, defects }: Shared,
): MappedRecord {
  const { meta } = observation;
  const isRetracted = statusOf(observation) === 'entered-in-error';
  const measured = isRetracted ? withoutValue(part) : part;
  const value = labValue(measured);
  const view: LabResultView = {
    source,
    sourceType: 'Observation',
    sourceId: id,
    meta,
    observation,
    measured,
    value,
    patientId,
    visit,
    panelId,
    absentReason: absentReasonOf(measured),
    reference: referenceRangeOf(part.referenceRange, isRetracted ? labValue(part) : value),
    collected: collectedOf(observation),
    notes: isRetracted ? [] : notesOf(observation, part),
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
    ...(refersTo !== undefined && { refersTo }),
  };
}

function notesOf({ note = [] }: Observation, part: Measured): readonly Annotation[] {
  const text = reasonInWords(part);
  return text === undefined ? note : [...note, { text }];
}

/** What the source still repeats of a retracted result was wrong. */
function withoutValue({ code }: Measured): Measured {
  return code === undefined ? {} : { code };
}

const measured = {
  ...valueShapes,
  code: concept,
  dataAbsentReason: concept,
  interpretation: concepts,
  referenceRange: referenceRanges,
};
const decisive = [
  'id',
  'meta',
  'status',
  'code',
  'subject',
  'focus',
  'extension',
  'component',
  'hasMember',
  'referenceRange',
  'dataAbsentReason',
] as const;

/** The category alone: it says whether the rest concerns the laboratory. */
const fitCategory = createFit<Observation>({ category: concepts }, ['category']);

const fitObservation = createFit<Observation>(
  {
    ...common,
    ...measured,
    status: text,
    subject: reference,
    focus: list(reference),
    extension: list(element({ url: text })),
    encounter: reference,
    effectiveDateTime: text,
    effectiveInstant: text,
    effectivePeriod: period,
    effectiveTiming: backbone({ event: texts }),
    issued: text,
    note: list(element({ text })),
    specimen: reference,
    hasMember: list(reference),
    component: list(backbone(measured)),
  },
  // The keys are what the object above is made of.
  [...decisive, ...(Object.keys(valueShapes) as (keyof typeof valueShapes)[])],
);

function holderOf({ id = '', contained }: Observation): Holder {
  return { sourceType: 'Observation', sourceId: id, contained };
}

function refusalOf(observation: Observation): Rejected | undefined {
  return (
    statusError('lab_results', 'Observation', statusOf(observation)) ??
    ofAnother(observation) ??
    unclearValue(observation)
  );
}

// FHIR R4 extension observation-focusCode: a donor or a fetus that is no resource of its own.
const focusCode = 'http://hl7.org/fhir/StructureDefinition/observation-focusCode';
const reason = "must be absent: the value is not the patient's own";

/** @see FHIR R4 observation.html, Observation.focus; specimen.html, Specimen.subject */
function ofAnother(observation: Observation): Rejected | undefined {
  const { focus = [], extension = [], subject } = observation;
  const refuse = (pointer: string) => rejected('lab_results', 'subject', pointer, reason);
  if (focus.length > 0) return refuse('/focus');
  if (extension.some(({ url }) => url === focusCode)) return refuse('/extension');
  const holder = holderOf(observation);
  const donor = targetOf(specimenOf(observation)?.subject, 'Patient', holder);
  if (donor === undefined) return undefined;
  const patient = targetOf(subject, 'Patient', holder);
  return donor.type === patient?.type && donor.id === patient.id
    ? undefined
    : rejected('lab_results', 'subject', '/contained', 'must be a specimen of the same patient');
}

/** @see FHIR R4 observation.html, Observation.value[x] and constraint obs-6 */
function unclearValue(observation: Observation): Rejected | undefined {
  const { component = [] } = observation;
  const parts = component.map((part, index) => [`/component/${index}`, part] as const);
  for (const [pointer, holder] of [['', observation] as const, ...parts]) {
    const refuse = (why: string) => rejected('lab_results', 'structure', pointer, why);
    const [name, ...others] = valueNames(holder);
    if (others.length > 0) return refuse('must have one value[x] only');
    if (name === undefined) continue;
    if (!isKnownValue(name))
      return refuse('must have no value[x] that FHIR R4 Observation has not');
    if (holder.dataAbsentReason !== undefined) {
      return refuse('must not have both a value and a reason for its absence');
    }
  }
  return undefined;
}

/** The Specimen in a resource of its own: the id that its record would have. */
function specimenReferredTo(observation: Observation, source: string): string | undefined {
  const target = targetOf(observation.specimen, 'Specimen', holderOf(observation));
  const isNamed = target?.isResolved === true && target.type === 'Specimen';
  return isNamed ? recordId(source, 'Specimen', target.id) : undefined;
}

/**
 * What a panel says of its members; one that was entered in error names none.
 * @see FHIR R4 observation.html, Observation.hasMember
 */
function factsOfMembers(
  observation: Observation,
  patientId: string,
  source: string,
): readonly MappedFact[] {
  const { id: ownId = '', meta, hasMember = [] } = observation;
  if (hasMember.length === 0) return [];
  const id = recordId(source, 'Observation', ownId);
  const holder = holderOf(observation);
  const members = hasMember.flatMap((member) => {
    const target = targetOf(member, 'Observation', holder);
    const isNamed = target?.isResolved === true && target.type === 'Observation';
    return isNamed ? [recordId(source, 'Observation', target.id)] : [];
  });
  const isRetracted = statusOf(observation) === 'entered-in-error';
  const about = isRetracted ? [] : [...new Set(members)].filter((member) => member !== id).sort();
  const fact = { kind: 'fact', collection: 'lab_results', id, patientId, about } as const;
  return [{ ...fact, fields: { panel_id: id }, ...versionOf(meta) }];
}
