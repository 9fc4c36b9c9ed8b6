/** Values by a key of theirs, in their order: `Map.groupBy`, which Node 20 does not have. */
export function grouped<Value>(
  values: readonly Value[],
  keyOf: (value: Value) => string | number,
): ReadonlyMap<string | number, readonly Value[]> {
  const groups = new Map<string | number, Value[]>();
  for (const value of values) {
    const group = groups.get(keyOf(value));
    if (group === undefined) groups.set(keyOf(value), [value]);
    else group.push(value);
  }
  return groups;
}
