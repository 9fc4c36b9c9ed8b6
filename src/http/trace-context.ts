/** The distributed trace that a request belongs to, as the client's `traceparent` tells it. */

export interface TraceContext {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits: who called. */
  readonly spanId: string;
  readonly sampled: boolean;
}

/** Later versions may add parts behind these. */
const form =
  /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?:-|$)/;

/** @see https://www.w3.org/TR/trace-context/#traceparent-header */
export function traceContextOf(sent: string | string[] | undefined): TraceContext | undefined {
  const parts = typeof sent === 'string' ? form.exec(sent) : null;
  if (parts === null) return undefined;
  const [, traceId = '', spanId = '', flags = ''] = parts;
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}
