/** Breaks resources at random places, as exports do and as none should. */
import fc, { type Arbitrary } from 'fast-check';

const oddities = [
  ...[null, '', 0, -0, 1.5, 1e300, true, [], {}, [null], [[]], 'Patient/x', 'urn:uuid:x', '#x'],
  ...['2026', '2026-13-45T99:99:99Z', '2026-01-01T00:00:00.123456789Z', '\0', '\ud800', 'ä\n'],
  ...['x'.repeat(5000), { modifierExtension: [{}] }, { coding: [{ code: 'x' }] }, [{ value: 1 }]],
];
const names = [
  ...['value', 'valueQuantity', 'valueString', 'component', 'contained', 'specimen', 'note'],
  ...['meta', 'name', 'link', 'active', 'participant', 'period', 'modifierExtension', 'focus'],
  ...['implicitRules', '__proto__', 'constructor', 'toString', 'hasMember', 'referenceRange'],
];
const change = fc.record({
  steps: fc.array(fc.nat(30), { maxLength: 6 }),
  name: fc.option(fc.oneof(fc.constantFrom(...names), fc.string()), { nil: undefined }),
  value: fc.oneof(fc.constantFrom(...oddities), fc.jsonValue()),
});

interface Change {
  readonly steps: readonly number[];
  readonly name: string | undefined;
  readonly value: unknown;
}

export function broken(whole: Arbitrary<object>): Arbitrary<object> {
  return fc
    .record({ resource: whole, changes: fc.array(change, { minLength: 1, maxLength: 3 }) })
    .map(({ resource, changes }) => {
      const copy = changes.reduce<unknown>(
        (whole, each) => changed(whole, structuredClone(each)),
        structuredClone(resource),
      );
      return typeof copy === 'object' && copy !== null ? copy : { broken: copy };
    });
}

/** Walks down by the steps, then puts the value there: under the name, or in the place of what it found. */
function changed(whole: unknown, { steps, name, value }: Change): unknown {
  const [step, ...rest] = steps;
  if (typeof whole !== 'object' || whole === null) return value;
  const keys = Object.keys(whole);
  // An array has no names of its own, and its length takes no value but a count.
  const own = Array.isArray(whole) ? undefined : name;
  const key = step === undefined ? (own ?? keys[0]) : keys[step % Math.max(keys.length, 1)];
  if (key === undefined) return value;
  const part: unknown = Reflect.get(whole, key);
  const next = step === undefined ? value : changed(part, { steps: rest, name, value });
  Object.defineProperty(whole, key, {
    ...{ value: next, enumerable: true, configurable: true, writable: true },
  });
  return whole;
}
