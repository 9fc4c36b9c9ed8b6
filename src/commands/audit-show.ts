/** `hospital-api audit show`: who was given which version of a patient's records, and when. */
import { type Shown, shownOf } from '../audit/shown.js';
import { readContract } from '../contract/contract.js';
import { timeOfPosition } from '../contract/time.js';
import type { Range } from './audit-range.js';
import { readCommandConfig, withStore } from './command-store.js';
import { endOnFault } from './faults.js';
import { surviveClosedOutput } from './output.js';

interface ShowOptions extends Range {
  readonly patient: string;
  readonly json: boolean;
}

export async function showAudit({ patient, json, ...range }: ShowOptions): Promise<void> {
  await endOnFault(async () => {
    surviveClosedOutput();
    const config = await readCommandConfig(readContract());
    await withStore(config, async ({ store: { audit } }) => {
      const versions = await audit.patientVersions(patient);
      const shown = await shownOf(versions, audit.rows({ ...range, disclosing: true }));
      for (const each of shown) console.log(json ? JSON.stringify(factsOf(each)) : lineOf(each));
      if (!json) {
        console.log(
          `${patient}: ${versions.length} versions of records, given ${shown.length} times`,
        );
      }
    });
  });
}

function factsOf({ at, certainty, event, version }: Shown) {
  const { requestId, operation, scheme, consumer, keyVersion, client } = event;
  const { collection, id, version: number, position } = version;
  const updatedTs = timeOfPosition(position);
  return {
    ...{ at, certainty, consumer, scheme, keyVersion, client, operation, requestId },
    ...{ collection, id, version: number, updatedTs },
  };
}

function lineOf(shown: Shown): string {
  const { at, certainty, consumer, scheme, keyVersion, client, operation, ...of } = factsOf(shown);
  const who = `${consumer ?? '?'} of ${scheme ?? '?'} (key ${keyVersion ?? '?'}, from ${client ?? '?'})`;
  const what = `${of.collection} ${of.id} version ${of.version} of ${of.updatedTs}`;
  return `${at} ${certainty} to ${who} by ${operation ?? '?'}: ${what} (request ${of.requestId ?? '?'})`;
}
