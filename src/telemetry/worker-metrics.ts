/** The metrics of all workers on one port: the first process asks each for its own, over the channel between them. */
import { EventEmitter, once } from 'node:events';
import { type MetricsPlace, type MetricsServer, serveMetrics } from './metrics-server.js';

interface Channel {
  send?(message: Message, done: () => void): unknown;
}

/** Of node:cluster, in the first process. */
interface WorkerChannel extends Channel {
  readonly id: number;
  on(event: 'message', listener: (message: unknown) => void): unknown;
  on(event: 'disconnect', listener: () => void): unknown;
}

type Message =
  { readonly metrics: 'ready' | 'wanted' } | { readonly metrics: 'text'; readonly text: string };

export interface WorkerMetrics extends MetricsServer {
  /** The worker is read as well, once it is ready. */
  readonly share: (worker: WorkerChannel) => void;
}

/** A worker that does not answer keeps the others' figures back for so long. */
const answerWithinMs = 2_000;

export async function serveWorkerMetrics(place: MetricsPlace): Promise<WorkerMetrics> {
  const workers = new Set<WorkerChannel>();
  // Whoever scrapes at the same time waits for the same worker's answer.
  const answers = new EventEmitter().setMaxListeners(0);
  const ask = async (worker: WorkerChannel) => {
    post(worker, { metrics: 'wanted' });
    const signal = AbortSignal.timeout(answerWithinMs);
    const [text] = (await once(answers, String(worker.id), { signal })) as [string];
    return [worker.id, text] as const;
  };
  const read = async () => {
    const answered = await Promise.allSettled([...workers].map(ask));
    // Whoever does not answer is left out, rather than shown as it was.
    return joinedText(answered.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : [])));
  };
  const share = (worker: WorkerChannel) => {
    worker.on('message', (message) => {
      if (!isOfMetrics(message)) return;
      if (message.metrics === 'ready') workers.add(worker);
      if (message.metrics === 'text') answers.emit(String(worker.id), message.text);
    });
    worker.on('disconnect', () => workers.delete(worker));
  };
  return { ...(await serveMetrics({ ...place, read })), share };
}

/** A worker's side. */
export function answerFirstProcess(read: () => Promise<string>): Pick<MetricsServer, 'close'> {
  const send = async () => {
    post(process, { metrics: 'text', text: await read().catch(() => '') });
  };
  const answer = (message: unknown) => {
    if (isOfMetrics(message) && message.metrics === 'wanted') void send();
  };
  process.on('message', answer);
  post(process, { metrics: 'ready' });
  return { close: () => process.off('message', answer) };
}

function post(channel: Channel, message: Message): void {
  // Whoever has gone wants nothing any more.
  channel.send?.(message, () => undefined);
}

function isOfMetrics(message: unknown): message is Message {
  return typeof message === 'object' && message !== null && 'metrics' in message;
}

interface Family {
  /** Help and type, which may stand only once. */
  readonly comments: Set<string>;
  readonly samples: string[];
}

function joinedText(texts: readonly (readonly [worker: number, text: string])[]): string {
  const families = new Map<string, Family>();
  for (const [worker, text] of texts) addText(families, worker, text);
  return [...families.values()]
    .flatMap(({ comments, samples }) => [...comments, ...samples])
    .map((line) => `${line}\n`)
    .join('');
}

function addText(families: Map<string, Family>, worker: number, text: string): void {
  let family: Family | undefined;
  for (const line of text.split('\n')) {
    const [, name] = /^# (?:HELP|TYPE) (\S+)/.exec(line) ?? [];
    if (name === undefined) {
      if (line !== '') family?.samples.push(labelled(line, worker));
      continue;
    }
    family = families.get(name) ?? { comments: new Set(), samples: [] };
    families.set(name, family);
    family.comments.add(line);
  }
}

function labelled(sample: string, worker: number): string {
  return sample.replace(/^([\w:]+)(\{?)/, (_, name: string, brace: string) =>
    brace === '' ? `${name}{worker="${worker}"}` : `${name}{worker="${worker}",`,
  );
}
