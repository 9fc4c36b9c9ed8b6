/** What must not compile: the five ways in which code could leave the contract. */
import { describe, expectTypeOf, it } from 'vitest';
import type { Call, JsonText, Operations, Reply } from '../../src/contract/operations.js';
import type { RecordOf } from '../../src/contract/collections.js';

declare const all: Operations;
declare const patientText: JsonText<RecordOf<'patients'>>;
declare const labText: JsonText<RecordOf<'lab_results'>>;
const headers = { ETag: '"1"', 'Cache-Control': 'private, no-cache' } as const;

describe('Operations', () => {
  it('takes all operations of the contract', () => {
    expectTypeOf(all).toExtend<Operations>();
  });

  it('refuses a missing operation', () => {
    const { getDocs: _, ...missing } = all;
    // @ts-expect-error getDocs is not there
    missing satisfies Operations;
  });

  it('refuses an operation that the contract does not have', () => {
    // @ts-expect-error listSecrets is not in the contract
    ({ ...all, listSecrets: all.listPatients }) satisfies Operations;
  });
});

/** Compiles only for a value that the contract lets getPatient answer. */
declare function answer(reply: Reply<'getPatient'>): void;
const disclosed = { collection: 'patients', epoch: 1, positions: [2] } as const;
const given = { headers, type: 'application/json', body: patientText } as const;
const right = { status: 200, disclosed, ...given } as const;

describe('Reply', () => {
  it('takes a documented answer', () => {
    answer(right);
  });

  it('refuses an undocumented status', () => {
    // @ts-expect-error 201 is not documented
    answer({ ...right, status: 201 });
  });

  it('refuses a body of another schema', () => {
    // @ts-expect-error a lab result is not a patient
    answer({ ...right, body: labText });
    // @ts-expect-error a text that nobody checked is not a patient
    answer({ ...right, body: '{}' });
  });

  it('refuses an answer to a key that does not say which records it discloses', () => {
    const { disclosed: _, ...silent } = right;
    // @ts-expect-error nobody would know what was given
    answer(silent);
  });

  it('refuses a missing header', () => {
    const { ETag: _, ...less } = headers;
    // @ts-expect-error the ETag is not there
    answer({ ...right, headers: less });
  });

  it('refuses a problem that is returned rather than thrown', () => {
    const problem = { type: 'x', title: 'x', status: 404, detail: 'x', instance: 'x' } as const;
    // @ts-expect-error problems are thrown
    answer({ status: 404, headers, type: 'application/problem+json', body: problem });
  });
});

describe('Call', () => {
  it('has the parameters of its operation and no others', () => {
    expectTypeOf<Call<'getPatient'>['pathParams']>().toEqualTypeOf<{
      readonly patient_id: string;
    }>();
    expectTypeOf<Call<'listPatients'>['query']['limit']>().toEqualTypeOf<number | undefined>();
    expectTypeOf<Call<'listPatients'>['query']>().not.toHaveProperty('patient_id');
  });
});
