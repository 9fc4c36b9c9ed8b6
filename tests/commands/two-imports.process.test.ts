/** Two imports at the same time, of the same resources in other versions and another order: both are right. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type TestDatabase, createDatabase } from '../support/database.js';
import { type Folder, makeFolder, settingsFor } from './processes.js';
import { observationLine, patientLine } from './resources.js';

/** More than one batch of each collection. */
const count = 6_000;

let folder: Folder;
let database: TestDatabase;
beforeEach(async () => {
  [folder, database] = await Promise.all([makeFolder(), createDatabase()]);
});
afterEach(async () => {
  await folder.remove();
  await database.drop();
});

const ids = Array.from({ length: count }, (_, index) => String(index));
const versioned = (line: string, version: number) =>
  line.replace('{', `{"meta":{"versionId":"${version}"},`);

async function writeVersion(version: number) {
  const inOrder = version === 1 ? ids : ids.toReversed();
  const patients = inOrder.map((id) => versioned(patientLine(id, `Name${version}`), version));
  const results = inOrder.map((id) => versioned(observationLine(id, id), version));
  const files = [
    await folder.write(`Patient.${version}.ndjson`, patients.join('')),
    await folder.write(`Observation.${version}.ndjson`, results.join('')),
  ];
  return version === 1 ? files : files.toReversed();
}

it('both end well, the newer version of each record stands, and no position is given twice', async () => {
  const settings = await settingsFor(folder, database.url);
  const extracts = [await writeVersion(1), await writeVersion(2)];
  const ended = await Promise.all(
    extracts.map((files) => folder.command(['import', '--quiet', ...files], settings)),
  );
  expect(ended.map(({ status, stderr }) => [status, stderr])).toEqual([
    [0, ''],
    [0, ''],
  ]);
  const [state] = await database.query(`
    select count(*)::int as records, count(distinct (collection, position))::int as positions,
      count(*) filter (where source_version like '%2')::int as newer,
      count(*) filter (where body like '%"Name2%')::int as named,
      bool_and(exists (select from change where change.collection = record.collection
        and change.position = record.position and change.version = record.version)) as logged
    from record`);
  const all = 2 * count;
  expect(state).toEqual({
    ...{ records: all, positions: all, newer: all, named: count, logged: true },
  });
}, 120_000);
