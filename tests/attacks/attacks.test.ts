/** Requests made from the contract: what it allows is answered, what it does not is refused by the right name. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readContract } from '../../src/contract/contract.js';
import { type Parameter, resolve } from '../../src/contract/document.js';
import { positionOfTime } from '../../src/contract/time.js';
import { exampleRecord } from '../support/records.js';
import { type TestService, startService } from '../support/service.js';
import { allowed, broken } from './values.js';

const { document, collections } = readContract();
/** How many requests each property makes; ATTACKS sets the sum. */
const numRuns = Math.ceil(Number(process.env.ATTACKS ?? 2000) / 4);
const settings = {
  numRuns,
  seed: Number(process.env.SEED ?? Date.now() % 2 ** 31),
};
console.log(`SEED=${settings.seed} repeats this run.`);

interface Target {
  readonly key: string | undefined;
  readonly template: string;
  readonly parameters: readonly Parameter[];
}

const targets = Object.entries(document.paths).flatMap(([template, { get }]): Target[] => {
  if (get === undefined) return [];
  const key = collections.find(({ name }) => template.split('/')[1] === name)?.name;
  const all = (get.parameters ?? []).map((one) => resolve<Parameter>(document, one));
  // Headers have a test of their own.
  const parameters = all.filter((one) => one.in !== 'header');
  return [{ key, template, parameters }];
});
const withParameters = targets.filter(({ parameters }) => parameters.length > 0);

let service: TestService;
beforeAll(async () => {
  service = await startService();
  for (const { name } of collections) await service.write(name, [exampleRecord(name)]);
});
afterAll(() => service.close());

type Values = Readonly<Record<string, string>>;

function pathOf({ template, parameters }: Target, values: Values): string {
  const query = new URLSearchParams();
  let path = template;
  for (const { name, in: place } of parameters) {
    const value = values[name];
    if (value === undefined) continue;
    if (place === 'path') path = path.replace(`{${name}}`, encodeURIComponent(value));
    else query.set(name, value);
  }
  return query.size === 0 ? path : `${path}?${query.toString()}`;
}

function ask(target: Target, path: string, headers: Values = {}) {
  return service.fetch(path, { ...(target.key !== undefined && { key: target.key }), headers });
}

/** Some of a target's parameters with allowed values; those of the path always. */
function valuesOf({ parameters }: Target): fc.Arbitrary<Values> {
  const required = parameters.filter((one) => one.in === 'path').map(({ name }) => name);
  return fc.record(
    // A cursor is not to be made up: it is given by the service.
    Object.fromEntries(
      parameters.filter(({ name }) => name !== 'cursor').map((one) => [one.name, allowed(one)]),
    ),
    { requiredKeys: required },
  );
}

/** What no schema can say of two parameters is refused all the same: a filter beside a time, an end before its start. */
const isRefusedTogether = ({ updated_since: since, is_active, patient_id, from, to }: Values) =>
  (since !== undefined && (is_active ?? patient_id) !== undefined) ||
  (from !== undefined && to !== undefined && positionOf(to) < positionOf(from));

const positionOf = (time: string) => Math.max(positionOfTime(time), 0);

describe('requests from the contract', { timeout: 300_000 }, () => {
  it('200 or 404 for what it allows', async () => {
    const requests = fc
      .constantFrom(...targets)
      .chain((target) => valuesOf(target).map((values) => ({ target, values })));
    await fc.assert(
      fc.asyncProperty(requests, async ({ target, values }) => {
        const { status } = await ask(target, pathOf(target, values));
        const isRecord = target.template.includes('{');
        expect(isRecord ? [200, 404] : [isRefusedTogether(values) ? 400 : 200]).toContain(status);
      }),
      settings,
    );
  });

  it('400 that names each parameter that is broken, one or two at a time', async () => {
    const requests = fc.constantFrom(...withParameters).chain((target) =>
      fc
        .tuple(
          valuesOf(target),
          fc.subarray([...target.parameters], {
            minLength: 1,
            maxLength: Math.min(2, target.parameters.length),
          }),
        )
        .chain(([values, chosen]) =>
          fc
            .tuple(
              ...chosen.map((one) =>
                broken(one).filter((text) => one.in !== 'path' || text !== ''),
              ),
            )
            .map((texts) => ({
              target,
              chosen: chosen.map(({ name }) => name),
              values: {
                ...values,
                ...Object.fromEntries(chosen.map(({ name }, index) => [name, texts[index] ?? ''])),
              },
            })),
        ),
    );
    await fc.assert(
      fc.asyncProperty(requests, async ({ target, chosen, values }) => {
        const { status, body } = await ask(target, pathOf(target, values));
        const { errors = [] } = body as { errors?: { parameter: string }[] };
        const named = errors.map(({ parameter }) => parameter);
        expect({ status, named: chosen.every((name) => named.includes(name)) }).toEqual({
          status: 400,
          named: true,
        });
      }),
      settings,
    );
  });

  it('400 that names a parameter that is unknown or sent twice', async () => {
    const name = fc.stringMatching(/^[a-z][a-z_.-]{0,20}$/);
    const requests = fc.tuple(fc.constantFrom(...targets), name, fc.boolean());
    await fc.assert(
      fc.asyncProperty(requests, async ([target, other, twice]) => {
        fc.pre(!target.parameters.some((one) => one.name === other));
        const isList = twice && target.parameters.some((one) => one.name === 'limit');
        const query = isList ? 'limit=1&limit=1' : `${encodeURIComponent(other)}=1`;
        const path = pathOf(target, { ...examplesOf(target) });
        const { status, body } = await ask(target, `${path}?${query}`);
        const { errors = [] } = body as { errors?: { parameter: string }[] };
        expect([status, errors[0]?.parameter]).toEqual([400, isList ? 'limit' : other]);
      }),
      settings,
    );
  });

  it('a documented answer whatever the headers hold', async () => {
    const text = fc.stringMatching(/^[!-~]{1,200}$/);
    const headers = fc.record(
      { accept: text, 'x-request-id': text, 'x-api-key': text, prefer: text },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...targets), headers, async (target, sent) => {
        const { status } = await ask(target, pathOf(target, examplesOf(target)), sent);
        const isWrongKey = 'x-api-key' in sent && target.key !== undefined;
        expect(isWrongKey ? [401, 429] : [200, 404, 406]).toContain(status);
      }),
      settings,
    );
  });
});

/** The path parameters as the contract's own examples have them. */
function examplesOf({ parameters }: Target): Values {
  return Object.fromEntries(
    parameters
      .filter((one) => one.in === 'path')
      .map((one) => [one.name, String((one as Parameter & { example?: string }).example)]),
  );
}
