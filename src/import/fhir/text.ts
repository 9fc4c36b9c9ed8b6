/** Text as the source wrote it, or null where it wrote nothing. */

export function textOrNull(text: string | null | undefined): string | null {
  return text === undefined || text === null || text === '' ? null : text;
}

/** The texts joined, or null where there is none. */
export function joined(texts: readonly (string | null | undefined)[], by: string): string | null {
  return textOrNull(texts.filter((text) => textOrNull(text) !== null).join(by));
}
