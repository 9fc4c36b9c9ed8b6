/** Thousands of broken requests on raw sockets: none costs more than a refusal. MALFORMED says how many. */
import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Folder, type Run, makeFolder, settingsFor, urlOf } from '../commands/processes.js';
import { type TestDatabase, createDatabase } from '../support/database.js';
import { keys } from '../support/service.js';
import { type Answered, exchange } from './malformed/exchange.js';
import { type Malformed, malformedRequest } from './malformed/requests.js';

const count = Number(process.env.MALFORMED ?? 1_000);
const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
const clients = 64;
const mostGrowthMb = 5;
/** Header and request line are refused from 16 KB; the rest is what was on its way. */
const mostTakenBytes = 4_000_000;

/** On a signal the service collects its garbage and says what is left; what it is given is code, not text for it. */
const collector = `data:text/javascript,
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');
process.on('SIGUSR2', () => {
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  process.stdout.write('held ' + (heapUsed + external) + '\\n');
});`;

let folder: Folder;
let database: TestDatabase;
let service: Run;
let url: URL;
beforeAll(async () => {
  [folder, database] = await Promise.all([makeFolder(), createDatabase()]);
  service = folder.serve({
    ...(await settingsFor(folder, database.url)),
    LOG_LEVEL: 'info',
    TRUST_PROXY: '1',
    NODE_OPTIONS: `--import=${collector.replaceAll(/\s+/g, ' ').replaceAll(' ', '%20')}`,
  });
  url = new URL(await urlOf(service));
});
afterAll(async () => {
  await folder.remove();
  await database.drop();
});

/** Memory that stays, in megabytes, and open files. */
async function held() {
  const lines = () => service.output().stdout.match(/^held \d+$/gm) ?? [];
  const before = lines().length;
  service.process.kill('SIGUSR2');
  await expect.poll(() => lines().length).toBe(before + 1);
  const bytes = Number(lines().at(-1)?.slice(5));
  return { mb: bytes / 2 ** 20, files: openFiles() };
}

/** Where the system shows them. */
function openFiles(): number {
  try {
    return readdirSync(`/proc/${service.process.pid ?? 0}/fd`).length;
  } catch {
    return 0;
  }
}

/** What is wrong with an answer to such a request; nothing where all is well. */
function faultOf({ kind, endless, ending }: Malformed, answered: Answered): string | undefined {
  const { statuses, text, taken, closed } = answered;
  const bad = statuses.find((status) => status >= 500 && status !== 503);
  if (bad !== undefined) return `answered ${bad}`;
  if (text !== '' && statuses.length === 0) return `answered no HTTP: ${text.slice(0, 80)}`;
  if (ending === 'reads' && refusals(statuses) > (text.match(problemType)?.length ?? 0)) {
    return `refused without a problem: ${text.slice(0, 200)}`;
  }
  if (/x-request-id: smuggled/i.test(text) && kind === 'two lengths') {
    return `what stood in a body was answered: ${text}`;
  }
  if (endless && (!closed || taken > mostTakenBytes)) return `${taken} bytes taken without end`;
  return undefined;
}

const problemType = /^content-type: application\/problem\+json\r$/gim;

/** But 417, which Node answers by itself. */
const refusals = (statuses: readonly number[]) =>
  statuses.filter((status) => status >= 400 && status !== 417).length;

async function attack(from: number, to: number) {
  const faults: string[] = [];
  const seen = new Map<string, number>();
  let next = from;
  const client = async () => {
    while (next < to) {
      const number = next++;
      const request = malformedRequest(seed + number);
      const answered = await exchange(Number(url.port), request);
      const fault = faultOf(request, answered);
      if (fault !== undefined) faults.push(`${number} (${request.kind}): ${fault}`);
      for (const status of answered.statuses) {
        const key = `${request.kind}: ${status}`;
        seen.set(key, (seen.get(key) ?? 0) + 1);
      }
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  return { faults, seen };
}

describe('malformed requests', () => {
  it(
    `${count} of them: no 5xx but 503, no end of the process, memory and files as before`,
    async () => {
      console.log(`SEED=${seed} repeats this run.`);
      // What is loaded and kept at first use is there from then on.
      await attack(-500, 0);
      const before = await held();
      const { faults, seen } = await attack(0, count);
      const after = await held();
      console.log(
        [...seen]
          .sort()
          .map(([answer, times]) => `${answer} ${times} times`)
          .join('\n'),
        `\nheld ${before.mb.toFixed(1)} MB before, ${after.mb.toFixed(1)} MB after; files ${before.files} and ${after.files}`,
      );
      expect(faults).toEqual([]);
      expect(service.process.exitCode).toBeNull();
      expect(service.output().stdout).not.toContain('"severity":"ERROR"');
      expect(service.output().stderr).toBe('');
      expect(after.mb - before.mb).toBeLessThan(mostGrowthMb);
      expect(after.files).toBeLessThanOrEqual(before.files + 5);
      const headers = { 'x-api-key': keys.patients ?? '' };
      expect((await fetch(new URL('/patients', url), { headers })).status).toBe(200);
    },
    30_000 + count * 10,
  );
});
