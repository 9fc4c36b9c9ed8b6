/** A hospital's laboratory extract of any size from a seed: numbers, bounds, panels, corrections and absent values. */

const laboratory = [
  {
    coding: [
      {
        system: 'http://terminology.hl7.org/CodeSystem/observation-category',
        code: 'laboratory',
        display: 'laboratory',
      },
    ],
  },
];
const loinc = 'http://loinc.org';
const ucum = 'http://unitsofmeasure.org';

const tests = [
  ['2093-3', 'Total Cholesterol', 'mg/dL', 120, 260],
  ['2571-8', 'Triglycerides', 'mg/dL', 60, 400],
  ['718-7', 'Hemoglobin [Mass/volume] in Blood', 'g/dL', 9, 18],
  ['2345-7', 'Glucose [Mass/volume] in Serum or Plasma', 'mg/dL', 60, 250],
  ['2160-0', 'Creatinine [Mass/volume] in Serum or Plasma', 'mg/dL', 0, 4],
  ['6690-2', 'Leukocytes [#/volume] in Blood by Automated count', '10*3/uL', 3, 14],
  ['777-3', 'Platelets [#/volume] in Blood by Automated count', '10*3/uL', 100, 450],
  ['10839-9', 'Troponin I.cardiac [Mass/volume] in Serum or Plasma', 'ng/mL', 0, 2],
] as const;

export interface ExtractOptions {
  /** Results that come of it: a panel counts each of its components, a correction counts nothing. */
  readonly results: number;
  readonly seed: number;
}

/** Lines of NDJSON, each with its line feed; the same for the same options on every machine. */
export function* labExtract({ results, seed }: ExtractOptions): Generator<string> {
  const random = createRandom(seed);
  const resultsAPatient = 20;
  for (let number = 0, left = results; left > 0; number += 1) {
    const kind = random();
    const parts = kind < 0.02 ? Math.min(left, 3) : 0;
    const observation = {
      ...headOf(number, Math.floor(number / resultsAPatient), random),
      ...(parts > 0 ? panelOf(parts, random) : measured(kind, random)),
    };
    yield `${JSON.stringify(observation)}\n`;
    if (kind > 0.99) yield `${JSON.stringify(corrected(observation, random))}\n`;
    left -= Math.max(1, parts);
  }
}

function headOf(number: number, patient: number, random: () => number) {
  const time = new Date(Date.UTC(2024, 0, 1) + Math.floor(random() * 63_072_000) * 1000)
    .toISOString()
    .replace('.000Z', '-05:00');
  return {
    resourceType: 'Observation',
    id: uuid(random, number),
    meta: { versionId: '1', lastUpdated: time },
    status: 'final',
    category: laboratory,
    subject: { reference: `Patient/${uuid(createRandom(patient), patient)}` },
    encounter: { reference: `Encounter/${uuid(createRandom(patient + 1e9), patient)}` },
    effectiveDateTime: time,
    issued: time,
  };
}

function measured(kind: number, random: () => number) {
  const [code, text, unit, low, high] = tests[Math.floor(random() * tests.length)] ?? tests[0];
  const coding = [{ system: loinc, code, display: text }];
  const head = { code: { coding, text } };
  if (kind > 0.97 && kind < 0.99)
    return { ...head, dataAbsentReason: { text: 'specimen clotted' } };
  const value = Number((low + random() * (high - low)).toFixed(2));
  const bound = kind > 0.92 && kind <= 0.97 ? { comparator: '<' } : {};
  return { ...head, valueQuantity: { value, ...bound, unit, system: ucum, code: unit } };
}

function panelOf(parts: number, random: () => number) {
  const component = Array.from({ length: parts }, (_, index) => {
    const [code, text, unit, low] = tests[index % tests.length] ?? tests[0];
    const value = Number((low + random() * 10).toFixed(1));
    return {
      code: { coding: [{ system: loinc, code, display: text }], text },
      valueQuantity: { value, unit, system: ucum, code: unit },
    };
  });
  const code = { coding: [{ system: loinc, code: '24323-8' }], text: 'Metabolic panel' };
  return { code, component };
}

function corrected(observation: ReturnType<typeof headOf>, random: () => number) {
  const lastUpdated = '2026-06-01T08:00:00.000Z';
  const value = Number((random() * 100).toFixed(2));
  const meta = { versionId: '2', lastUpdated };
  return 'valueQuantity' in observation
    ? { ...observation, meta, status: 'corrected', valueQuantity: { value } }
    : { ...observation, meta, status: 'corrected' };
}

/** Random bits, as real ids have, so that neighbours in the file are none in an index. */
function uuid(random: () => number, number: number): string {
  const hex = (bits: number) =>
    Math.floor(random() * 2 ** bits)
      .toString(16)
      .padStart(bits / 4, '0');
  const tail = number.toString(16).padStart(8, '0');
  return `${hex(32)}-${hex(16)}-4${hex(12)}-a${hex(12)}-${hex(16)}${tail}`;
}

/** Mulberry32: the same numbers on every machine. */
function createRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
