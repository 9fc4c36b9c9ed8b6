/** Takes gzip off a stream of bytes, whatever its file is called. */
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { firstBytes } from './first-bytes.js';

/** The archive ends too early or is damaged; what came before is as it was packed. */
export class BrokenArchive extends Error {
  override readonly name = 'BrokenArchive';
}

const magic = Buffer.from([0x1f, 0x8b]);

/** @throws BrokenArchive at the place where the archive breaks */
export async function* unpacked(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const { first, all } = await firstBytes(chunks, magic.length);
  if (first.subarray(0, magic.length).equals(magic)) yield* gunzipped(all);
  else yield* all;
}

async function* gunzipped(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const packed = Readable.from(chunks);
  const gunzip = createGunzip({ chunkSize: 256 * 1024 });
  packed.on('error', (error) => gunzip.destroy(error));
  try {
    // Without an encoding a stream of bytes gives buffers.
    yield* packed.pipe(gunzip) as AsyncIterable<Buffer>;
  } catch (cause) {
    throw isZlibFault(cause) ? new BrokenArchive('the gzip is broken', { cause }) : cause;
  } finally {
    packed.destroy();
    gunzip.destroy();
  }
}

function isZlibFault(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('Z_');
}
