/** The statements of reconciling as PostgreSQL says them; what is not known here makes PostgreSQL refuse the statement. */

type Parameters = Readonly<Record<string, readonly string[]>>;

/** Innermost calls first. */
const words: readonly (readonly [RegExp, string])[] = [
  [/`[^`]+\.(\w+)`/g, 'warehouse.$1'],
  [/UNIX_MICROS\((\w+)\)/g, '(extract(epoch from $1) * 1000000)::bigint'],
  [/RANGE_BUCKET\((.+), @bounds\)/g, 'width_bucket($1, @bounds)'],
  [/IN UNNEST\((@\w+)\)/g, '= any ($1)'],
  [/CAST\((\w+) AS STRING\)/g, '$1::text'],
  [/TO_HEX\(MD5\(/g, '(md5('],
  [/CAST\(CONCAT\('0x', (SUBSTR\(.+\))\) AS INT64\)/g, `('x0' || $1)::bit(64)::bigint`],
  [/FORMAT\('%x', (\w+\(\w+\))\)/g, 'to_hex($1)'],
  [/TO_JSON_STRING\((\w+)\)/g, 'row_to_json($1)::text'],
];

export function postgresText(query: string, parameters: Parameters) {
  const used = Object.entries(parameters).filter(([name]) => query.includes(`@${name}`));
  const translated = words.reduce((text, [found, put]) => text.replace(found, put), query);
  const statement = used.reduce((text, [name], index) => {
    const type = name === 'ids' ? 'text' : 'bigint';
    return text.replaceAll(`@${name}`, `$${index + 1}::${type}[]`);
  }, translated);
  return { statement, values: used.map(([, value]) => value) };
}
