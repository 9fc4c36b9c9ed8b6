/** FHIR R4 Observation of category laboratory → lab_results: the result itself and one for each component. */
import type { Annotation, Observation } from 'fhir/r4.js';
import { conceptText, preferredCoding } from './codeable-concept.js';
import { collectedOf } from './collected.js';
import { factsOfMembers, specimenReferredTo } from './related.js';
import { labValue, valueNames } from './lab-value.js';
import {
  labResultFields,
  type LabResultView,
  type Measured,
  statusOf,
} from './lab-results-fields.js';
import {
  createContentOf,
  type Defect,
  type MappedRecord,
  type Mapping,
  type MappingContext,
  ofNoPatient,
  type Rejected,
  rejected,
  type ResourceFields,
  unreadable,
} from './mapping.js';
import { absentReasonOf, reasonInWords } from './no-value.js';
import { fitCategory, fitObservation } from './observation-shape.js';
import { holderOf, refusalOf } from './observation-refusal.js';
import { isLaboratory, otherObservation } from './laboratory.js';
import { type ReadLink, readLink, recordId } from './reference.js';
import { referenceRangeOf } from './reference-range.js';
import { ownId, versionOf } from './source-fields.js';

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

/** What names a component in its panel, in characters that an id may have; `~` stands before the occurrence only. */
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
