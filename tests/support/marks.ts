/** What must never be printed: every record and key of the tests bears some of it, and nothing else does. */

/** The file of keys that were made by chance, one a line. */
export const knownFile = 'known-keys';

/** Of `records.ts` and `resources.ts`, which all other test records are made like. */
export const marked = {
  name: 'Ada Example',
  dob: '1970-05-17',
  mrn: 'MRN-marked-1',
  value: 167.4913,
} as const;

/** Values of records, and what all keys of the tests end with. */
const values = /Ada Example|Example, Ada|1970-05-17|MRN-marked|167\.4913|[a-z]-0123456789/;

/** `<source>:<Type>:<id>`. */
const recordId =
  /\b[a-z][a-z0-9_-]*:(?:Patient|Encounter|Appointment|Observation|DiagnosticReport):[A-Za-z0-9.-]+/;

/** Lines of the access audit may name records, and nothing else may. */
const auditLine = /^\{.*"logging\.googleapis\.com\/labels":\{[^}]*"log":"audit"/;

interface Leak {
  readonly mark: string;
  readonly line: string;
}

/** @param known further texts that must not be there, such as keys that were made by chance */
export function leaksIn(text: string, known: readonly string[]): readonly Leak[] {
  return text.split('\n').flatMap((line) => {
    const mark =
      values.exec(line)?.[0] ??
      known.find((one) => line.includes(one)) ??
      (auditLine.test(line) ? undefined : recordId.exec(line)?.[0]);
    return mark === undefined ? [] : [{ mark, line: line.slice(0, 300) }];
  });
}
