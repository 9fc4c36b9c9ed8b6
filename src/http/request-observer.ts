/** What http asks of whoever measures requests. */
import type { Exchange } from './exchange.js';

export interface RequestObserver {
  /** Runs the work that answers; the exchange tells all of it once its response closes. */
  observe(exchange: Exchange, work: () => Promise<void>): Promise<void>;
  /** A refusal that came before there was an exchange. */
  refused(refusal: string, status: number): void;
}

export const unobserved: RequestObserver = {
  observe: (_exchange, work) => work(),
  refused: () => undefined,
};
