/** Resources built from the structure that FHIR R4 gives them, by fast-check: whole, with every optional part there or not. */
import fc, { type Arbitrary } from 'fast-check';

/** @see https://hl7.org/fhir/R4/datatypes.html */
const id = fc.stringMatching(/^[A-Za-z0-9.-]{1,20}$/);
const code = fc.oneof(
  fc.constantFrom('MR', 'final', 'normal', 'laboratory', 'H', 'PPRF', 'unknown', '2823-3'),
  fc.stringMatching(/^[!-~]{1,12}$/),
);
const uri = fc.constantFrom(
  ...['http://loinc.org', 'http://snomed.info/sct', 'http://unitsofmeasure.org', 'urn:local'],
  'http://terminology.hl7.org/CodeSystem/data-absent-reason',
);
const text = fc.oneof(
  fc.string({ minLength: 1, maxLength: 30, unit: 'grapheme' }).filter((it) => it.trim() !== ''),
  fc.constantFrom('Ada Example', 'Straße 1', '你好', 'a "b" \\c', 'x'.repeat(300)),
);
const two = (max: number) => fc.integer({ min: 1, max }).map((n) => String(n).padStart(2, '0'));
const year = fc.integer({ min: 1900, max: 2100 }).map(String);
const month = fc.tuple(year, two(12)).map((parts) => parts.join('-'));
const day = fc.tuple(month, two(28)).map((parts) => parts.join('-'));
const date = fc.oneof(day, month, year);
const zone = fc.constantFrom('Z', '+00:00', '-05:00', '+14:00', '-00:00');
const fraction = fc.constantFrom('', '.1', '.123456', '.123456789');
const time = fc.tuple(two(23), two(59), two(59)).map((parts) => parts.join(':'));
const instant = fc.tuple(day, time, fraction, zone).map(([d, t, f, z]) => `${d}T${t}${f}${z}`);
const dateTime = fc.oneof(date, instant);
const decimal = fc.oneof(
  fc.integer({ min: -1000, max: 1000 }),
  fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 }),
);

/** Each part there or not, but for those that are required. */
function parts<Model extends Readonly<Record<string, Arbitrary<unknown>>>>(
  model: Model,
  required: readonly (keyof Model & string)[] = [],
): Arbitrary<Readonly<Record<string, unknown>>> {
  return fc.record(model, { requiredKeys: [...required] });
}

const few = <Item>(item: Arbitrary<Item>) => fc.array(item, { minLength: 1, maxLength: 3 });
const extension = few(parts({ url: uri, valueString: text }, ['url']));
const period = parts({ start: dateTime, end: dateTime });
const coding = parts({
  system: uri,
  version: text,
  code,
  display: text,
  userSelected: fc.boolean(),
});
const concept = parts({ coding: few(coding), text });
const named = fc.oneof(
  fc.record({ coding: fc.tuple(fc.record({ system: uri, code })) }),
  fc.record({ text }),
);
const use = fc.constantFrom('usual', 'official', 'temp', 'nickname', 'anonymous', 'old', 'maiden');
const comparator = fc.constantFrom('<', '<=', '>=', '>');
const simpleQuantity = parts({ value: decimal, unit: text, system: uri, code });
const quantity = parts({ value: decimal, comparator, unit: text, system: uri, code });
const range = parts({ low: simpleQuantity, high: simpleQuantity });
const ratio = parts({ numerator: quantity, denominator: quantity });
const identifier = parts({ use, type: concept, system: uri, value: text, period });
const referenceTo = (type: string) =>
  fc.oneof(
    id.map((it) => ({ reference: `${type}/${it}` })),
    id.map((it) => ({ reference: `https://ehr.example.org/fhir/${type}/${it}/_history/2` })),
    fc.uuid().map((it) => ({ reference: `urn:uuid:${it}`, type })),
    id.map((it) => ({ reference: `${type}?identifier=${it}` })),
    id.map((value) => ({ type, identifier: { value } })),
  );
const maybeNamed = (type: string) =>
  fc.tuple(referenceTo(type), parts({ display: text })).map(([it, more]) => ({ ...it, ...more }));
const meta = parts({
  versionId: id,
  lastUpdated: instant,
  security: few(fc.record({ system: uri, code: fc.stringMatching(/^[A-Z]{1,4}$/) })),
});
const resource = (resourceType: string) => ({ resourceType: fc.constant(resourceType), id });
const common = { meta, extension, language: code };

/** @see https://hl7.org/fhir/R4/patient.html */
const patient = parts(
  {
    ...{ ...resource('Patient'), ...common, active: fc.boolean(), identifier: few(identifier) },
    name: few(parts({ use, text, family: text, given: few(text), suffix: few(text), period })),
    telecom: few(
      parts({
        system: fc.constantFrom('phone', 'email', 'fax'),
        value: fc.oneof(text, fc.constant('a@example.org')),
        use: fc.constantFrom('home', 'work', 'temp', 'old', 'mobile'),
        rank: fc.integer({ min: 1, max: 9 }),
        period,
      }),
    ),
    gender: fc.constantFrom('male', 'female', 'other', 'unknown'),
    birthDate: date,
    address: few(
      parts({
        use: fc.constantFrom('home', 'work', 'temp', 'old', 'billing'),
        ...{ text, line: few(text), city: text, state: text, postalCode: text, country: text },
        period,
      }),
    ),
    maritalStatus: concept,
    contact: few(parts({ name: parts({ text }) })),
    link: few(
      fc.record({
        other: referenceTo('Patient'),
        type: fc.constantFrom('replaced-by', 'replaces', 'refer', 'seealso'),
      }),
    ),
  },
  ['resourceType', 'id'],
);
const deceased = fc.oneof(
  fc.constant({}),
  fc.record({ deceasedBoolean: fc.boolean() }),
  fc.record({ deceasedDateTime: dateTime }),
);

/** @see https://hl7.org/fhir/R4/encounter.html */
const encounter = parts(
  {
    ...{ ...resource('Encounter'), ...common },
    status: fc.constantFrom('planned', 'arrived', 'in-progress', 'finished', 'entered-in-error'),
    class: coding,
    ...{ type: few(concept), serviceType: concept, subject: maybeNamed('Patient'), period },
    appointment: few(maybeNamed('Appointment')),
    participant: few(parts({ type: few(concept), period, individual: maybeNamed('Practitioner') })),
    ...{ reasonCode: few(concept), reasonReference: few(maybeNamed('Condition')) },
    location: few(parts({ location: maybeNamed('Location'), status: fc.constantFrom('active') })),
    serviceProvider: maybeNamed('Organization'),
  },
  ['resourceType', 'id', 'status', 'class', 'subject'],
);

/** @see https://hl7.org/fhir/R4/appointment.html */
const appointment = parts(
  {
    ...{ ...resource('Appointment'), ...common },
    status: fc.constantFrom('proposed', 'booked', 'fulfilled', 'cancelled', 'entered-in-error'),
    ...{ serviceCategory: few(concept), serviceType: few(concept), specialty: few(concept) },
    ...{ appointmentType: concept, reasonCode: few(concept), description: text },
    ...{ start: instant, end: instant },
    participant: fc
      .tuple(
        few(fc.record({ actor: maybeNamed('Patient') })),
        few(fc.record({ actor: maybeNamed('Practitioner') })),
      )
      .map((both) => both.flat().map((each) => ({ ...each, status: 'accepted' }))),
  },
  ['resourceType', 'id', 'status', 'participant'],
);

const value = fc.oneof(
  fc.constant({}),
  quantity.map((valueQuantity) => ({ valueQuantity })),
  concept.map((valueCodeableConcept) => ({ valueCodeableConcept })),
  text.map((valueString) => ({ valueString })),
  fc.boolean().map((valueBoolean) => ({ valueBoolean })),
  fc.integer({ min: -1000, max: 1000 }).map((valueInteger) => ({ valueInteger })),
  range.map((valueRange) => ({ valueRange })),
  ratio.map((valueRatio) => ({ valueRatio })),
  fc
    .record({ origin: simpleQuantity, data: text })
    .map((valueSampledData) => ({ valueSampledData })),
  time.map((valueTime) => ({ valueTime })),
  dateTime.map((valueDateTime) => ({ valueDateTime })),
  period.map((valuePeriod) => ({ valuePeriod })),
  concept.map((dataAbsentReason) => ({ dataAbsentReason })),
);
const measured = {
  interpretation: few(concept),
  referenceRange: few(
    parts({
      low: simpleQuantity,
      high: simpleQuantity,
      type: concept,
      appliesTo: few(concept),
      text,
    }),
  ),
};
const component = fc
  .tuple(parts({ code: named, ...measured }, ['code']), value)
  .map(([part, its]) => ({ ...part, ...its }));

/** @see https://hl7.org/fhir/R4/observation.html */
const observation = parts(
  {
    ...{ ...resource('Observation'), ...common, ...measured, code: named },
    status: fc.constantFrom('registered', 'preliminary', 'final', 'amended', 'entered-in-error'),
    category: fc.constant([{ coding: [{ code: 'laboratory' }] }]),
    ...{ subject: maybeNamed('Patient'), encounter: maybeNamed('Encounter') },
    ...{
      issued: instant,
      note: few(parts({ text }, ['text'])),
      bodySite: concept,
      method: concept,
    },
    ...{ specimen: maybeNamed('Specimen'), device: maybeNamed('Device') },
    ...{ hasMember: few(maybeNamed('Observation')), component: few(component) },
  },
  ['resourceType', 'id', 'status', 'category', 'code', 'subject'],
);
const effective = fc.oneof(
  fc.constant({}),
  dateTime.map((effectiveDateTime) => ({ effectiveDateTime })),
  instant.map((effectiveInstant) => ({ effectiveInstant })),
  period.map((effectivePeriod) => ({ effectivePeriod })),
  fc.record({ event: few(dateTime) }).map((effectiveTiming) => ({ effectiveTiming })),
);

const joined = <One extends object, Other extends object>(
  one: Arbitrary<One>,
  ...others: Arbitrary<Other>[]
) => fc.tuple(one, ...others).map((all) => Object.assign({}, ...all) as object);

/** As FHIR R4 would have it. */
export const wholeResource: Arbitrary<object> = fc.oneof(
  joined(patient, deceased),
  encounter,
  appointment,
  joined<object, object>(observation, value, effective),
);
