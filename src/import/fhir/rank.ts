/** The best of several, where the order in the source decides only between equals. */

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
