/** Anchors as objects of a bucket, each written once: what its retention policy keeps, nobody replaces. */
import { randomUUID } from 'node:crypto';
import { Storage } from '@google-cloud/storage';
import { type Anchors, anchorLines, parseAnchors } from './anchors.js';

const readAtOnce = 16;

/** @param place `gs://bucket/folder` */
export function bucketAnchors(place: string): Anchors {
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
