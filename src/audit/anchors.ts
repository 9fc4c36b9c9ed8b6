/** Heads of chains, kept where the owner of the database cannot change them. */
import { randomUUID } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';

export interface Anchor {
  readonly chain: string;
  readonly seq: number;
  /** Hexadecimal. */
  readonly hash: string;
  /** When it was kept: RFC 3339. */
  readonly at: string;
  /** Set where the links up to it were dropped with this month, such as `2020-01`. */
  readonly pruned?: string;
}

export interface Anchors {
  /** They are kept for good once it resolves. */
  keep(anchors: readonly Anchor[]): Promise<void>;
  /** @throws AnchorError where one cannot be read */
  read(): Promise<readonly Anchor[]>;
}

export class AnchorError extends Error {
  override readonly name = 'AnchorError';
}

function anchorLines(anchors: readonly Anchor[]): string {
  return anchors.map((anchor) => `${JSON.stringify(anchor)}\n`).join('');
}

/** @throws AnchorError */
function parseAnchors(text: string, place: string): readonly Anchor[] {
  return text.split('\n').flatMap((line, index) => {
    if (line === '') return [];
    const anchor = parsed(line);
    if (anchor === undefined) {
      throw new AnchorError(`line ${index + 1} of ${place} is no anchor: it was cut or changed`);
    }
    return [anchor];
  });
}

function parsed(line: string): Anchor | undefined {
  try {
    const value = JSON.parse(line) as Partial<Anchor> | null;
    const isAnchor =
      typeof value?.chain === 'string' &&
      Number.isSafeInteger(value.seq) &&
      /^[0-9a-f]{64}$/.test(value.hash ?? '');
    // Every field was checked but `at`, which is only printed.
    return isAnchor ? (value as Anchor) : undefined;
  } catch {
    return undefined;
  }
}

/** @param place a path, or `gs://bucket/folder` */
export async function openAnchors(place: string): Promise<Anchors> {
  if (!place.startsWith('gs://')) return fileAnchors(place);
  return bucketAnchors(place);
}

/** Lines are only ever added, each in one piece, so that several processes may share the file. */
function fileAnchors(path: string): Anchors {
  return {
    keep: async (anchors) => {
      const file = await open(path, 'a', 0o600);
      try {
        await file.appendFile(anchorLines(anchors));
        await file.sync();
      } finally {
        await file.close();
      }
    },
    read: async () => {
      const text = await readFile(path, 'utf8').catch((error: unknown) => {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
        throw error;
      });
      return parseAnchors(text, path);
    },
  };
}

const readAtOnce = 16;

/**
 * Objects of a bucket, each written once: what its retention policy keeps, nobody replaces.
 * @param place `gs://bucket/folder`
 */
async function bucketAnchors(place: string): Promise<Anchors> {
  const { Storage } = await import('@google-cloud/storage');
  const [, bucketName = '', folder = ''] = /^gs:\/\/([^/]+)\/(.+)$/.exec(place) ?? [];
  const storage = new Storage({ retryOptions: { totalTimeout: 30, maxRetries: 5 } });
  const bucket = storage.bucket(bucketName);
  return {
    keep: async (anchors) => {
      const file = bucket.file(`${folder}/${new Date().toISOString()}-${randomUUID()}.ndjson`);
      await file.save(anchorLines(anchors), {
        resumable: false,
        contentType: 'application/x-ndjson',
        // An object that is there already is never written over.
        preconditionOpts: { ifGenerationMatch: 0 },
      });
    },
    read: async () => {
      const [files] = await bucket.getFiles({ prefix: `${folder}/` });
      const rest = files.values();
      const texts = new Map<string, string>();
      const readRest = async () => {
        for (const file of rest) texts.set(file.name, (await file.download())[0].toString());
      };
      await Promise.all(Array.from({ length: readAtOnce }, readRest));
      return [...texts].flatMap(([name, text]) => parseAnchors(text, `gs://${bucketName}/${name}`));
    },
  };
}
