/** A wrong name of a collection, a parameter or a field does not compile. */
import { describe, expectTypeOf, it } from 'vitest';
import type { HospitalClient, Page, RecordOf } from '@hospital-streaming-api/client';

describe('the client', () => {
  it('follows the collections of the contract, and gives their records', () => {
    const check = async (client: HospitalClient) => {
      for await (const page of client.follow('patients', { waitSeconds: 5 })) {
        expectTypeOf(page).toEqualTypeOf<Page<RecordOf<'patients'>>>();
        expectTypeOf(page.records[0]?.dob).toEqualTypeOf<string | null | undefined>();
        // @ts-expect-error patients have no such field
        expectTypeOf(page.records[0]?.birth_date);
      }
      // @ts-expect-error there is no such collection
      client.follow('patient');
      // @ts-expect-error there is no such option
      client.follow('patients', { waitSecond: 5 });
    };
    expectTypeOf(check).toBeFunction();
  });

  it('asks every operation of the contract, with its parameters', () => {
    const check = async ({ api }: HospitalClient) => {
      const { data, error } = await api.GET('/lab_results', { params: { query: { limit: 5 } } });
      expectTypeOf(error?.detail).toEqualTypeOf<string | undefined>();
      expectTypeOf(data?.[0]?.test_code).toEqualTypeOf<string | null | undefined>();
      expectTypeOf(data?.map(({ test_code }) => test_code)).toEqualTypeOf<
        (string | null)[] | undefined
      >();
      // @ts-expect-error the parameter is called limit
      await api.GET('/lab_results', { params: { query: { limits: 5 } } });
      // @ts-expect-error also beside one that is right
      await api.GET('/lab_results', { params: { query: { limit: 5, limits: 5 } } });
      // @ts-expect-error a number is wanted
      await api.GET('/lab_results', { params: { query: { limit: 'five' } } });
      // @ts-expect-error there is no such path
      await api.GET('/labresults');
      const one = await api.GET('/patients/{patient_id}', {
        params: { path: { patient_id: '1' } },
      });
      // @ts-expect-error patients have no such field
      expectTypeOf(one.data?.patientId);
      // @ts-expect-error the path has another parameter
      await api.GET('/patients/{patient_id}', { params: { path: { id: '1' } } });
      // @ts-expect-error a record is not found without its id
      await api.GET('/patients/{patient_id}');
      // Nothing is written through the service.
      expectTypeOf(api).not.toHaveProperty('POST');
    };
    expectTypeOf(check).toBeFunction();
  });
});
