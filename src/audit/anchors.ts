/** Heads of chains, kept where the owner of the database cannot change them. */

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

export function anchorLines(anchors: readonly Anchor[]): string {
  return anchors.map((anchor) => `${JSON.stringify(anchor)}\n`).join('');
}

/** @throws AnchorError */
export function parseAnchors(text: string, place: string): readonly Anchor[] {
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
    // Each part was looked at, but the time, which is only told.
    return isAnchor ? (value as Anchor) : undefined;
  } catch {
    return undefined;
  }
}
