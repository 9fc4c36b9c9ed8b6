/** Compression of answers, for clients that ask for it (RFC 9110 section 12.5.3). */
import { promisify } from 'node:util';
import type { Transform } from 'node:stream';
import zlib from 'node:zlib';
import Negotiator from 'negotiator';

export interface Coding {
  /** As `Content-Encoding` names it. */
  readonly name: string;
  whole(bytes: Buffer): Promise<Buffer>;
  /** Each chunk that goes in comes out whole, so that a reader has its lines at once. */
  stream(): Transform;
}

/** Smaller answers fit into one packet as they are. */
export const leastCodedBytes = 1_024;
const chunkSize = 65_536;

// The quick levels: records repeat so much of each other that slower ones gain next to nothing (docs/adr/0019).
const { constants } = zlib;
const brotli = { chunkSize, params: { [constants.BROTLI_PARAM_QUALITY]: 1 } };
const gzip = { chunkSize, level: 3 };

/** The best comes first, for clients that take several alike. */
const codings = new Map<string, Coding>(
  [
    ...zstd(),
    {
      name: 'br',
      whole: (bytes: Buffer) => promisify(zlib.brotliCompress)(bytes, brotli),
      stream: () =>
        zlib.createBrotliCompress({ ...brotli, flush: constants.BROTLI_OPERATION_FLUSH }),
    },
    {
      name: 'gzip',
      whole: (bytes: Buffer) => promisify(zlib.gzip)(bytes, gzip),
      stream: () => zlib.createGzip({ ...gzip, flush: constants.Z_SYNC_FLUSH }),
    },
  ].map((coding) => [coding.name, coding]),
);
const preferred = [...codings.keys(), 'identity'];

/** What the types of the oldest Node do not have. */
interface Zstd {
  readonly zstdCompress?: (
    bytes: Buffer,
    options: object,
    done: (error: Error | null, coded: Buffer) => void,
  ) => void;
  readonly createZstdCompress?: (options: object) => Transform;
  readonly constants: {
    readonly ZSTD_c_compressionLevel?: number;
    readonly ZSTD_e_flush?: number;
  };
}

/** From Node 22.15 and 23.8 on. */
function zstd(): readonly Coding[] {
  const { zstdCompress, createZstdCompress, constants: names } = zlib as Zstd;
  if (zstdCompress === undefined || createZstdCompress === undefined) return [];
  const options = { chunkSize, params: { [names.ZSTD_c_compressionLevel ?? 0]: 1 } };
  return [
    {
      name: 'zstd',
      whole: (bytes) => promisify(zstdCompress)(bytes, options),
      stream: () => createZstdCompress({ ...options, flush: names.ZSTD_e_flush }),
    },
  ];
}

/** @returns nothing where the client asks for none, or for none that there is */
export function codingFor(acceptEncoding: string | string[] | undefined): Coding | undefined {
  if (acceptEncoding === undefined) return undefined;
  const negotiator = new Negotiator({ headers: { 'accept-encoding': String(acceptEncoding) } });
  // Its types do not know the second argument yet: what to take of several that the client likes alike.
  const encodings = negotiator.encodings.bind(negotiator) as (
    available: readonly string[],
    options: { readonly preferred: readonly string[] },
  ) => string[];
  return codings.get(encodings(preferred, { preferred })[0] ?? '');
}
