/** A small extract of invented people, the same at every start, so that a new service has something to show. */
import type { Appointment, Encounter, Observation, Patient } from 'fhir/r4.js';
import type { Input } from './read/lines.js';

type DemoResource = Patient | Encounter | Appointment | Observation;
/** A number from 0 up to, not including, the bound. */
type Below = (bound: number) => number;

const seed = 20260105;
const patientCount = 12;
const visitCount = 22;
const bookingCount = 8;
const resultCount = 60;
const dayMs = 24 * 60 * 60 * 1000;
const firstDay = Date.UTC(2026, 0, 5);
const mrnSystem = 'http://hospital.example.org/mrn';
const laboratory = {
  coding: [
    { system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'laboratory' },
  ],
};

/** The demonstration set as an input of the importer. */
export function demoInput(): Input {
  return {
    name: 'demonstration data',
    async *lines() {
      yield await Promise.resolve(
        [...demoResources()].map((resource, index) => ({
          kind: 'text' as const,
          number: index + 1,
          text: JSON.stringify(resource),
        })),
      );
    },
  };
}

export function* demoResources(): Generator<DemoResource> {
  const below = createBelow(seed);
  for (let index = 0; index < patientCount; index += 1) yield patientOf(index, below);
  for (let index = 0; index < bookingCount; index += 1) yield bookingOf(index, below);
  for (let index = 0; index < visitCount; index += 1) yield visitOf(index, below);
  for (let index = 0; index < resultCount; index += 1) yield resultOf(index, below);
}

function patientOf(index: number, below: Below): Patient {
  const number = String(index + 1).padStart(4, '0');
  return {
    resourceType: 'Patient',
    id: `demo-${index + 1}`,
    active: index !== 7,
    identifier: [
      {
        type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'MR' }] },
        system: mrnSystem,
        value: `DEMO-${number}`,
      },
    ],
    name: [{ use: 'official', family: pick(familyNames, index), given: [pick(givenNames, index)] }],
    telecom: [{ system: 'phone', use: 'home', value: `+1-555-01${number.slice(2)}` }],
    gender: index % 2 === 0 ? 'female' : 'male',
    birthDate:
      index === 3 ? '1948' : dateText(Date.UTC(1940 + below(70), below(12), 1 + below(28))),
    address: [
      {
        use: 'home',
        line: [`${1 + below(200)} Example Street`],
        city: pick(towns, index),
        postalCode: '00000',
        country: 'US',
      },
    ],
  };
}

function bookingOf(index: number, below: Below): Appointment {
  const start = firstDay + (90 + index) * dayMs + 9 * 60 * 60 * 1000;
  const hasStart = index !== 2;
  return {
    resourceType: 'Appointment',
    id: `demo-${index + 1}`,
    status: index === 5 ? 'cancelled' : hasStart ? 'booked' : 'proposed',
    appointmentType: { text: 'Follow-up' },
    reasonCode: [{ text: pick(reasons, below(reasons.length)) }],
    ...(hasStart && { start: timeText(start), end: timeText(start + dayMs / 48) }),
    participant: [
      { actor: { reference: `Patient/demo-${1 + (index % patientCount)}` }, status: 'accepted' },
      {
        actor: { reference: 'Practitioner/demo-1', display: 'Dr. Sam Sample' },
        status: 'accepted',
      },
    ],
  };
}

function visitOf(index: number, below: Below): Encounter {
  const start = visitStart(index);
  const isEmergency = below(5) === 0;
  return {
    resourceType: 'Encounter',
    id: `demo-${index + 1}`,
    status: index === visitCount - 1 ? 'in-progress' : 'finished',
    class: {
      system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode',
      code: isEmergency ? 'EMER' : 'AMB',
    },
    type: [
      {
        coding: [{ system: 'http://snomed.info/sct', code: '185345009' }],
        text: 'Encounter for symptom',
      },
    ],
    subject: { reference: `Patient/${patientOfVisit(index)}` },
    participant: [{ individual: { reference: 'Practitioner/demo-1', display: 'Dr. Sam Sample' } }],
    period: { start: timeText(start), end: timeText(start + (20 + below(40)) * 60_000) },
    reasonCode: [{ text: pick(reasons, below(reasons.length)) }],
    serviceProvider: { display: 'Example General Hospital' },
  };
}

function resultOf(index: number, below: Below): Observation {
  const visit = index % visitCount;
  const test = pick(demoTests, index);
  const taken = visitStart(visit) + 10 * 60_000;
  return {
    resourceType: 'Observation',
    id: `demo-${index + 1}`,
    status: index === 13 ? 'entered-in-error' : index === 40 ? 'preliminary' : 'final',
    category: [laboratory],
    code: { coding: [{ system: 'http://loinc.org', code: test.code }], text: test.name },
    subject: { reference: `Patient/${patientOfVisit(visit)}` },
    encounter: { reference: `Encounter/demo-${visit + 1}` },
    effectiveDateTime: timeText(taken),
    issued: timeText(taken + (60 + below(120)) * 60_000),
    valueQuantity: valueOf(test, below),
    referenceRange: [{ low: { value: test.low }, high: { value: test.high } }],
  };
}

function valueOf(test: DemoTest, below: Below) {
  const unit = { unit: test.unit, system: 'http://unitsofmeasure.org', code: test.unit };
  const steps = 10 ** test.digits;
  const spread = Math.round((test.high - test.low) * 1.5 * steps);
  const value = Math.round(test.low * steps + below(spread)) / steps;
  return test.detectionLimit !== undefined && below(2) === 0
    ? { value: test.detectionLimit, comparator: '<' as const, ...unit }
    : { value, ...unit };
}

function patientOfVisit(visit: number): string {
  return `demo-${1 + ((visit * 5) % patientCount)}`;
}

function visitStart(visit: number): number {
  return firstDay + visit * 3 * dayMs + (8 + (visit % 8)) * 60 * 60 * 1000;
}

/** The wall clock of a hospital five hours behind UTC. */
function timeText(wallClock: number): string {
  return new Date(wallClock).toISOString().replace('.000Z', '-05:00');
}

function dateText(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

function pick<Item>(items: readonly [Item, ...Item[]], index: number): Item {
  return items[index % items.length] ?? items[0];
}

/** Mulberry32: the same numbers on every machine. */
function createBelow(start: number): Below {
  let state = start;
  return (bound) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * bound);
  };
}

interface DemoTest {
  readonly code: string;
  readonly name: string;
  readonly unit: string;
  readonly low: number;
  readonly high: number;
  readonly digits: number;
  /** Below it the laboratory reports a bound instead of a number. */
  readonly detectionLimit?: number;
}

type Words = readonly [string, ...string[]];

const familyNames: Words = ['Example', 'Sample', 'Testpatient', 'Placeholder'];
const givenNames: Words = [
  ...(['Ada', 'Ben', 'Cora', 'Dan', 'Eva', 'Finn'] as const),
  ...(['Gina', 'Hugo', 'Ida', 'Jon', 'Kira', 'Leo'] as const),
];
const towns: Words = ['Sampleton', 'Exampleville', 'Testbury'];
const reasons: Words = ['Check-up', 'Fever', 'Back pain', 'Follow-up of treatment'];

/** Names of LOINC; ranges are typical of adults, and mean nothing here. */
const demoTests: readonly [DemoTest, ...DemoTest[]] = [
  { code: '2093-3', name: 'Total Cholesterol', unit: 'mg/dL', low: 120, high: 200, digits: 0 },
  { code: '718-7', name: 'Hemoglobin', unit: 'g/dL', low: 12, high: 17, digits: 1 },
  { code: '2823-3', name: 'Potassium', unit: 'mmol/L', low: 3.5, high: 5.1, digits: 1 },
  { code: '2160-0', name: 'Creatinine', unit: 'mg/dL', low: 0.6, high: 1.3, digits: 2 },
  {
    ...{ code: '10839-9', name: 'Troponin I', unit: 'ng/mL', low: 0, high: 0.04, digits: 3 },
    detectionLimit: 0.01,
  },
];
