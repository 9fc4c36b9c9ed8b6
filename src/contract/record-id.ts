/** Ids of records: every source and every field makes them here, so that a reference and its record have the same. */

/** `<source>:<Type>:<id>` */
export function recordId(source: string, type: string, id: string): string {
  return `${source}:${type}:${id}`;
}

export interface TypedId {
  readonly type: string;
  readonly id: string;
}

/** `Encounter/7` names a type only where the field allows that type: `MRN/17` is an id as a whole. */
export function typedId(written: string, types: readonly string[]): TypedId | undefined {
  const type = types.find(
    (name) => written.startsWith(`${name}/`) && written.length > name.length + 1,
  );
  return type === undefined ? undefined : { type, id: written.slice(type.length + 1) };
}

/** Types that a visit's id may name. */
export const visitTypes: readonly string[] = ['Appointment', 'Encounter'];
