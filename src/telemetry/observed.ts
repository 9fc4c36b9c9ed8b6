/** What is measured of the service: requests, the store, the keys. */

/** One request, read again when its response closes. Nothing here names a record or a patient. */
export interface ObservedRequest {
  readonly method: string;
  readonly response: ObservedResponse;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly requestId: string;
  readonly outcome: ObservedOutcome;
}

/** Complete once the response has closed. */
interface ObservedOutcome {
  /** The path's template in the contract; nothing where the path is unknown. */
  readonly route?: string;
  readonly operationId?: string;
  readonly answering: 'page' | 'wait' | 'export';
  readonly consumer?: string;
  readonly refusal?: string;
  /** The caller's trace; the service's own part of it once that is recorded. */
  trace:
    { readonly traceId: string; readonly spanId: string; readonly sampled: boolean } | undefined;
}

interface ObservedResponse {
  readonly statusCode: number;
  readonly writableFinished: boolean;
  getHeader(name: string): number | string | readonly string[] | undefined;
  once(event: 'close', listener: () => void): unknown;
}

/** Read whenever metrics are collected. */
export interface ObservedService {
  readonly store: ObservedStore;
  readonly keys: ObservedKeys;
}

interface ObservedStore {
  /** Newest positions, in microseconds since 1970. */
  feedStates(): Promise<readonly { readonly collection: string; readonly last: number }[]>;
  activity(): {
    readonly pools: readonly {
      readonly name: string;
      readonly used: number;
      readonly idle: number;
      readonly waiting: number;
      readonly max: number;
    }[];
    readonly waitingReaders: number;
    readonly exports: number;
    readonly replica: { readonly behindMs: number } | undefined;
  };
}

interface ObservedKeys {
  /** When each consumer's keys were last read from their source. */
  read(): readonly {
    readonly scheme: string;
    readonly consumer: string;
    readonly readAtMs: number;
  }[];
  uses(): readonly {
    readonly scheme: string;
    readonly consumer: string;
    readonly version: string;
    readonly uses: number;
    readonly lastUsedMs: number;
  }[];
}
