/** What the API does: one function for each operation of the contract, of the operation's name. */
import type { Contract } from '../contract/contract.js';
import type { OpenApiDocument, SecurityScheme } from '../contract/document.js';
import type { JsonText, Operations } from '../contract/operations.js';
import type { FeedReader } from '../feed/reading.js';
import { type FieldError, problems } from '../problem.js';
import { digestOf } from './digest.js';
import { getOf } from './get.js';
import { homePage } from './home-page.js';
import { listOf } from './list.js';

type Reads = Pick<FeedReader, 'page' | 'awaitedPage' | 'lines' | 'find' | 'digest'>;

/** What the operations need of the store. */
interface RecordStore extends Reads, Pick<FeedReader, 'activity'> {
  /** Records of an older contract, which have to be checked before the service is ready. */
  waitingRecords(): Promise<readonly { readonly collection: string; readonly records: number }[]>;
}

export interface OperationsOptions {
  readonly contract: Contract;
  readonly store: RecordStore;
  /** Whether an error of the store means that it cannot be reached at present. */
  readonly isUnavailable: (error: unknown) => boolean;
  /** The documentation page. */
  readonly docs: () => Promise<string>;
  /** The schemes that have no key at present. */
  readonly missingKeys: () => readonly string[];
  readonly publicUrl: URL | undefined;
  /** Whether the service drains: it answers, but wants no new clients. */
  readonly isDraining?: () => boolean;
}

export function createOperations(options: OperationsOptions): Operations {
  const { contract, docs, missingKeys, publicUrl, isDraining } = options;
  const store = refusingUnavailable(options);
  const publicPath = publicPathOf(publicUrl);
  const home = homePage(contract, publicPath);
  const published = publishedContract(contract.document, publicUrl);
  const list = { store, publicPath };
  const version = { contract_version: contract.document.info.version };
  return {
    listPatients: listOf('patients', list),
    getPatientsDigest: digestOf('patients', store),
    getPatient: ({ pathParams: { patient_id: id }, ifNoneMatch }) =>
      getOf('patients', { id, ifNoneMatch }, store),
    listAppointments: listOf('appointments', list),
    getAppointmentsDigest: digestOf('appointments', store),
    getAppointment: ({ pathParams: { appointment_id: id }, ifNoneMatch }) =>
      getOf('appointments', { id, ifNoneMatch }, store),
    listLabResults: listOf('lab_results', list),
    getLabResultsDigest: digestOf('lab_results', store),
    getLabResult: ({ pathParams: { lab_result_id: id }, ifNoneMatch }) =>
      getOf('lab_results', { id, ifNoneMatch }, store),
    getLiveness: () => ok('no-store', 'application/json', { status: 'live', ...version }),
    getReadiness: async () => {
      if (isDraining?.() === true) throw problems.ending();
      await assertReady(options.store, missingKeys());
      const replica = options.store.activity().replica?.standing;
      const ready = { status: 'ready', ...version, ...(replica && { replica }) } as const;
      return ok('no-store', 'application/json', ready);
    },
    getHome: () => ok('no-cache', 'text/html', home),
    getContract: () => ok('no-cache', 'application/json', published),
    getDocs: async () => ok('no-cache', 'text/html', await docs()),
  };
}

/** The path of `PUBLIC_URL` without a closing slash, empty for the root. */
function publicPathOf(publicUrl: URL | undefined): string {
  return publicUrl?.pathname.replace(/\/$/, '') ?? '';
}

function ok<Cache, Type, Body>(cache: Cache, type: Type, body: Body) {
  return { status: 200, headers: { 'Cache-Control': cache }, type, body } as const;
}

async function assertReady(store: RecordStore, missingKeys: readonly string[]): Promise<void> {
  const missing: FieldError[] = missingKeys.map((scheme) => ({
    dependency: 'keys',
    detail: `no key of ${scheme} is known`,
  }));
  const waiting = await store.waitingRecords().catch(() => undefined);
  if (waiting === undefined) {
    missing.push({ dependency: 'store', detail: 'the database does not answer' });
  }
  for (const { collection, records } of waiting ?? []) {
    const detail = `${records} ${collection} wait for npm run revalidate`;
    missing.push({ dependency: 'contract', detail });
  }
  if (missing.length > 0) throw problems.notReady(missing);
}

/** The store knows no HTTP; here its absence becomes the answer 503. */
function refusingUnavailable({ store, isUnavailable }: OperationsOptions): Reads {
  const refuse = (error: unknown): never => {
    if (isUnavailable(error)) throw problems.storeUnavailable({ cause: error });
    throw error;
  };
  return {
    page: (request) => store.page(request).catch(refuse),
    awaitedPage: (request, wait) => store.awaitedPage(request, wait).catch(refuse),
    digest: (request) => store.digest(request).catch(refuse),
    find: (...args) => store.find(...args).catch(refuse),
    lines: async function* (stretch) {
      try {
        yield* store.lines(stretch);
      } catch (error) {
        refuse(error);
      }
    },
  };
}

function publishedContract(document: OpenApiDocument, publicUrl: URL | undefined) {
  const { securitySchemes } = document.components;
  const published = {
    ...document,
    ...(publicUrl && { servers: [{ url: publicUrl.href.replace(/\/$/, '') }] }),
    components: {
      ...document.components,
      securitySchemes: Object.fromEntries(
        Object.entries(securitySchemes).map(([name, scheme]) => [name, withoutSecret(scheme)]),
      ),
    },
  };
  return JSON.stringify(published) as JsonText<Readonly<Record<string, unknown>>>;
}

function withoutSecret({ 'x-secret-id': _, ...scheme }: SecurityScheme): SecurityScheme {
  return scheme;
}
