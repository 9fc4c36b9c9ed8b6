/** The records of the contract's examples, in the store of a service. */
import { auditColumns } from '../../src/contract/collections.js';
import { readContract } from '../../src/contract/contract.js';
import { recordContentOf } from '../../src/contract/record-content.js';
import { object, resolve, responseMedia } from '../api-spec/bundle.js';
import { wordOf } from '../../tools/contract/json.js';
import type { TestService } from '../support/service.js';

export async function writeExamples(service: TestService): Promise<void> {
  for (const collection of readContract().collections) {
    const { name, listPath, idField } = collection;
    const page = responseMedia().find(
      ({ where }) => where === `GET ${listPath} 200 application/json`,
    );
    const examples = object(page?.media.examples);
    const records = Object.values(examples).flatMap((example) => {
      const { value } = resolve(example);
      return Array.isArray(value) ? value.map(object) : [];
    });
    const writer = recordContentOf(collection);
    await service.write(
      name,
      records.map((record) => {
        const content = Object.entries(record).filter(
          ([field]) => !(auditColumns as readonly string[]).includes(field),
        );
        return {
          id: wordOf(record[idField]),
          patientId: wordOf(record.patient_id),
          recordState: 'active',
          content: writer.serialise(Object.fromEntries(content)),
        };
      }),
    );
  }
}
