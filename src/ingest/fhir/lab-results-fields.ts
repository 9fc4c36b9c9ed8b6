/** FHIR R4 Observation, or one of its components → the fields of a lab result. */
import type {
  Annotation,
  CodeableConcept,
  Observation,
  ObservationComponent,
  ObservationReferenceRange,
  Quantity,
} from 'fhir/r4.js';
import { conceptText, joined, preferredCoding, textOrNull, timestamp } from './data-types.js';
import { ownId, type ReadLink, sourceFields, type SourceView } from './identity.js';
import { decimalOf, type LabValue, rangeText, unitCode, unitText } from './lab-value.js';
import type { FieldTable } from './mapping.js';
import { type Collected, specimenText } from './specimen.js';

/** What an Observation shares with its components. */
export type Measured = Partial<ObservationComponent>;

export interface LabResultView extends SourceView {
  readonly observation: Observation;
  /** The Observation itself or a component; of a retracted result only what is no value. */
  readonly measured: Measured;
  readonly value: LabValue;
  readonly reference: ReferenceRange;
  readonly collected: Collected;
  readonly notes: readonly Annotation[];
  readonly patientId: string;
  readonly visit: ReadLink;
  readonly absentReason: string | null;
  readonly panelId: string | null;
}

export const labResultFields: FieldTable<'lab_results', LabResultView> = {
  lab_result_id: { from: 'id, of a component also its code', value: ownId },
  patient_id: { from: 'subject', value: ({ patientId }) => patientId },
  appointment_id: {
    from: 'encounter',
    value: ({ visit }) => visit.id,
  },
  panel_id: {
    from: '(the Observation that a component is in, or that names the result in hasMember)',
    lost: 'all but the first of several panels, in the order of their ids',
    value: ({ panelId }) => panelId,
  },
  test_code: {
    from: 'code.coding.code',
    lost: 'all but the preferred coding',
    value: ({ measured }) => textOrNull(preferredCoding(measured.code)?.code),
  },
  test_system: {
    from: 'code.coding.system',
    value: ({ measured }) => textOrNull(preferredCoding(measured.code)?.system),
  },
  test_name: {
    from: 'code.text, else code.coding.display',
    value: ({ measured }) => conceptText(measured.code),
  },
  value_number: { from: 'value[x]', value: ({ value }) => value.value_number },
  value_comparator: {
    from: 'valueQuantity.comparator',
    value: ({ value }) => value.value_comparator,
  },
  value_limit: { from: 'valueQuantity.value', value: ({ value }) => value.value_limit },
  value_text: {
    from: 'value[x]',
    lost: 'origin, period and factor of SampledData',
    value: ({ value }) => value.value_text,
  },
  value_code: {
    from: 'valueCodeableConcept.coding.code',
    lost: 'all but the preferred coding, codes for no value last',
    value: ({ value }) => value.value_code,
  },
  value_system: {
    from: 'valueCodeableConcept.coding.system',
    value: ({ value }) => value.value_system,
  },
  unit: { from: 'valueQuantity.unit, else its code', value: ({ value }) => value.unit },
  unit_code: { from: 'valueQuantity.code of UCUM', value: ({ value }) => value.unit_code },
  absent_reason: {
    from: 'dataAbsentReason.coding.code, else its text; valueCodeableConcept of a code for no value alone',
    value: ({ absentReason }) => absentReason,
  },
  reference_low: { from: 'referenceRange.low', value: ({ reference }) => reference.low },
  reference_high: { from: 'referenceRange.high', value: ({ reference }) => reference.high },
  reference_text: {
    from: 'referenceRange.text, else low and high in words',
    lost: 'age',
    value: ({ reference }) => reference.text,
  },
  interpretation_codes: {
    from: 'interpretation.coding.code',
    lost: 'text without a code',
    value: ({ measured }) => (measured.interpretation ?? []).flatMap(interpretationCode),
  },
  note: {
    from: 'note.text, then a dataAbsentReason in words that absent_reason cannot hold',
    lost: 'author, time',
    value: ({ notes }) =>
      joined(
        notes.map(({ text }) => text),
        '\n',
      ),
  },
  specimen: {
    from: 'specimen.display, else Specimen.type, contained or by itself',
    value: ({ observation }) => specimenText(observation),
  },
  status: { from: 'status', value: ({ observation }) => statusOf(observation) },
  collected_ts: {
    from: 'Specimen.collection.collected[x], contained or by itself, else effective[x]',
    lost: 'Timing but one event; the end of a Period stands in collected_text',
    value: ({ collected }) => collected.time,
  },
  collected_text: {
    from: 'as collected_ts',
    value: ({ collected }) => collected.written,
  },
  reported_ts: { from: 'issued', value: ({ observation }) => timestamp(observation.issued) },
  ...sourceFields,
};

// The types call the required elements present; the structure check leaves absent ones to the contract.
export function statusOf({ status }: Partial<Observation>): string | null {
  return textOrNull(status);
}

const interpretationSystem = 'http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation';

/** The HL7 code of one interpretation, else its first code. */
function interpretationCode({ coding }: CodeableConcept): string[] {
  const coded = (coding ?? []).filter(({ code }) => textOrNull(code) !== null);
  const chosen = coded.find(({ system }) => system === interpretationSystem) ?? coded[0];
  return chosen?.code === undefined ? [] : [chosen.code];
}

type ValueUnit = Pick<LabValue, 'unit' | 'unit_code'>;

export interface ReferenceRange {
  readonly low: number | null;
  readonly high: number | null;
  readonly text: string | null;
}

/** @see FHIR R4 observation.html, Observation.referenceRange: without a type, a range is the normal one */
export function referenceRangeOf(
  ranges: readonly ObservationReferenceRange[] | undefined,
  value: ValueUnit,
): ReferenceRange {
  const [normal, ...others] = (ranges ?? []).filter(isNormal);
  const isOnly = normal !== undefined && others.length === 0 && isInUnitOf(value, normal);
  return {
    low: isOnly ? endOf(normal.low) : null,
    high: isOnly ? endOf(normal.high) : null,
    text: joined((ranges ?? []).map(textOf), '; '),
  };
}

function isNormal({ type }: ObservationReferenceRange): boolean {
  return type === undefined || (type.coding ?? []).some(({ code }) => code === 'normal');
}

/** An end that names no unit is in the value's; one that does must name the same. */
function isInUnitOf(value: ValueUnit, { low, high }: ObservationReferenceRange): boolean {
  return [low, high].every((end) => {
    const text = end && unitText(end);
    const code = end && unitCode(end);
    if (typeof text !== 'string') return true;
    return typeof code === 'string' && value.unit_code !== null
      ? code === value.unit_code
      : text === value.unit;
  });
}

// A range's ends are SimpleQuantity, which has no comparator; one that has it is no plain number.
function endOf(end: Quantity | undefined): number | null {
  return end?.comparator === undefined ? (decimalOf(end?.value)?.number ?? null) : null;
}

function textOf(range: ObservationReferenceRange): string | null {
  const text = textOrNull(range.text) ?? rangeText(range);
  const kind = joined([conceptText(range.type), ...(range.appliesTo ?? []).map(conceptText)], ', ');
  return text === null || kind === null || textOrNull(range.text) !== null
    ? text
    : `${kind}: ${text}`;
}
