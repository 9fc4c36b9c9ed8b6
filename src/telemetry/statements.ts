/** Statements of the store, timed by their names and seen as spans. */
import type { Meter } from '@opentelemetry/api';
import { described, durationBounds, instruments } from './instruments.js';
import type { Spans } from './spans.js';

export type ObserveStatement = <Result>(
  name: string,
  run: () => Promise<Result>,
) => Promise<Result>;

export function createStatementObserver(meter: Meter, spans: Spans | undefined): ObserveStatement {
  const [metric, options] = described(instruments.statementDuration);
  const duration = meter.createHistogram(metric, {
    ...options,
    advice: { explicitBucketBoundaries: durationBounds },
  });
  return async (name, run) => {
    const startedMs = performance.now();
    const end = spans?.ofStatement(name);
    const note = (failure?: Error) => {
      end?.(failure);
      duration.record((performance.now() - startedMs) / 1000, {
        'db.system.name': 'postgresql',
        'db.query.summary': name,
        ...(failure !== undefined && { 'error.type': failure.name }),
      });
    };
    try {
      const result = await run();
      note();
      return result;
    } catch (error) {
      note(error instanceof Error ? error : new Error('unknown'));
      throw error;
    }
  };
}
