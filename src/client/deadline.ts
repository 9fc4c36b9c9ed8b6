/** A signal that aborts with another one, and when what was waited for does not come in time. */

export interface Deadline {
  readonly signal: AbortSignal;
  start(ms: number): void;
  /** Until it is started again. */
  pause(): void;
  /** For good; listens to the other signal no longer. */
  end(): void;
}

export function createDeadline(outer: AbortSignal | undefined): Deadline {
  const controller = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const follow = () => {
    controller.abort(outer?.reason);
  };
  const pause = () => {
    clearTimeout(timer);
  };
  outer?.addEventListener('abort', follow);
  if (outer?.aborted === true) follow();
  return {
    signal: controller.signal,
    start: (ms) => {
      pause();
      timer = setTimeout(() => {
        controller.abort(new Error(`nothing came for ${ms / 1000} s`));
      }, ms);
    },
    pause,
    end: () => {
      pause();
      outer?.removeEventListener('abort', follow);
    },
  };
}
