/** What one setting is, and the readings of a text that several settings share. */

export interface Setting<Value> {
  readonly meaning: string;
  /** Completes "must be …". */
  readonly wanted: string;
  readonly example: string;
  /** Not to be shown to anybody. */
  readonly secret?: true;
  readonly default: Value;
  /** The value of a text, or nothing when the text is not a right one. */
  parse(text: string): Value | undefined;
}

export const anyText = (text: string) => (text === '' ? undefined : text);

export const boolean = (text: string) =>
  ['true', 'false'].includes(text) ? text === 'true' : undefined;

export function wholeNumber(least: number, most: number) {
  return (text: string) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : undefined;
    return value !== undefined && value >= least && value <= most ? value : undefined;
  };
}
