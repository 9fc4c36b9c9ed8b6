/** A clinical case: a resource in; each record out in full, or why it is refused; and the page of FHIR R4 that says so. */

export type Fields = Readonly<Record<string, unknown>>;

export interface Case {
  readonly name: string;
  /** A page of https://hl7.org/fhir/R4/ and what of it. */
  readonly rule: string;
  /** JSON text where the digits of a number matter. */
  readonly resource: object | string;
  readonly expected: readonly Outcome[];
}

export type Outcome =
  | { readonly state: string; readonly record: Fields; readonly defects?: readonly string[] }
  | { readonly rejected: string; readonly at: string }
  | { readonly skipped: string }
  /** What it says of the records of others. */
  | { readonly says: Fields; readonly of: readonly string[] };

/** Makes the cases of one resource type: what differs from a plain resource, and what of its record does. */
export function casesOf(plain: object, record: Fields) {
  const whole = (given: object) => ({ ...plain, ...given });
  return {
    /** One record, active unless said otherwise; `defects` are the fields that are counted. */
    record: (
      rule: string,
      name: string,
      given: object,
      differs: Fields,
      { state = 'active', defects = [] }: { state?: string; defects?: readonly string[] } = {},
    ): Case => ({
      ...{ name, rule, resource: whole(given) },
      expected: [{ state, record: { ...record, ...differs }, defects }],
    }),
    several: (rule: string, name: string, given: object, expected: readonly Outcome[]): Case => ({
      ...{ name, rule, resource: whole(given), expected },
    }),
    rejected: (rule: string, name: string, given: object, why: string, at: string): Case => ({
      ...{ name, rule, resource: whole(given), expected: [{ rejected: why, at }] },
    }),
    skipped: (rule: string, name: string, given: object, type: string): Case => ({
      ...{ name, rule, resource: whole(given), expected: [{ skipped: type }] },
    }),
  };
}
