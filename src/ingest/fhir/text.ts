/** Text as the source wrote it, or null where it wrote nothing. */

export function textOrNull(text: string | null | undefined): string | null {
  return text === undefined || text === null || text === '' ? null : text;
}

/** The texts joined, or null where there is none. */
export function joined(texts: readonly (string | null | undefined)[], by: string): string | null {
  return textOrNull(texts.filter((text) => textOrNull(text) !== null).join(by));
}

/** The element with the lowest rank, the earlier one among equals; an element of rank undefined never wins. */
export function best<Element>(
  elements: readonly Element[] | undefined,
  rank: (element: Element) => number | undefined,
): Element | undefined {
  let winner: Element | undefined;
  let lowest = Number.POSITIVE_INFINITY;
  for (const element of elements ?? []) {
    const own = rank(element);
    if (own !== undefined && own < lowest) {
      winner = element;
      lowest = own;
    }
  }
  return winner;
}
