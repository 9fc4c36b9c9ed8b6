/** The anchors that the configuration names: lines of a file, or objects of a bucket. */
import { open, readFile } from 'node:fs/promises';
import { type Anchors, anchorLines, parseAnchors } from './anchors.js';

/** @param place a path, or `gs://bucket/folder` */
export async function openAnchors(place: string): Promise<Anchors> {
  if (!place.startsWith('gs://')) return fileAnchors(place);
  const { bucketAnchors } = await import('./bucket-anchors.js');
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
