// One difference between two versions of the contract, judged.

/** `wording`: nothing that a program reads has changed. */
export type Verdict = 'breaking' | 'compatible' | 'wording';

/** Who has to act: who reads responses, who sends requests, who runs the service. */
export type Broken = 'reader' | 'sender' | 'operator' | 'nobody';

export interface Change {
  readonly change: string;
  /** Pointer into the document, along its paths rather than its components. */
  readonly where: string;
  readonly verdict: Verdict;
  readonly breaks: Broken;
  /** What to do instead; empty where nothing needs to be done. */
  readonly instead: string;
  /** No version makes it good. */
  readonly forbidden?: true;
}

export function breaking(
  where: string,
  change: string,
  breaks: Broken,
  instead: string,
): readonly Change[] {
  return [{ change, where, verdict: 'breaking', breaks, instead }];
}
