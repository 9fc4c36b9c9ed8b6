/** How far the tables are, as a picture that stays in its place on a terminal and is printed once elsewhere. */
import { durationText } from '../../../src/commands/produce-show.js';
import { positionOfTime } from '../../../src/contract/time.js';

export interface TableState {
  readonly name: string;
  /** The feed's newest change. */
  readonly position: string;
  /** The table's newest change; empty while it has none. */
  readonly newest: string;
  readonly rows: number;
  readonly counts: { readonly applied: number; readonly passedOver: number };
  readonly deadLetters: number;
}

interface PictureOptions {
  readonly url: string;
  readonly pubsub: string;
  readonly output: NodeJS.WriteStream;
}

const head = ['table', 'rows', 'changes', 'repeats', 'dead letters', 'behind'] as const;
const widths = [16, 10, 10, 10, 14, 12];

export function pictureOf({ url, pubsub, output }: PictureOptions) {
  const isTerminal = output.isTTY && process.env.NO_COLOR === undefined;
  const style = (code: number, text: string) =>
    isTerminal ? `\u001b[${code}m${text}\u001b[0m` : text;
  let lines = 0;
  let last: readonly TableState[] = [];
  const started = performance.now();
  const draw = (states: readonly TableState[]) => {
    const changes = states.reduce((sum, { counts }) => sum + counts.applied, 0);
    const seconds = (performance.now() - started) / 1000;
    const arrow = style(2, '──▶');
    return [
      '',
      `  ${style(1, 'service')} ${url} ${arrow} ${style(1, 'producer')} ${arrow} ${style(1, 'Pub/Sub')} ${pubsub} ${arrow} ${style(1, 'tables')}`,
      '',
      `  ${style(2, cells(head))}`,
      ...states.map((state) => {
        const behind = behindText(state);
        return `  ${cells(columnsOf(state))}${style(behind === 'level' ? 32 : 33, behind)}`;
      }),
      '',
      `  ${style(2, `${changes.toLocaleString('en')} changes in ${seconds.toFixed(1)} s. Load more with npm run import; end with Ctrl-C.`)}`,
      '',
    ];
  };
  return {
    show: (states: readonly TableState[]) => {
      last = states;
      if (!output.isTTY) return;
      const drawn = draw(states);
      const back = lines > 0 ? `\u001b[${lines}A` : '';
      output.write(`${back}${drawn.map((line) => `\u001b[K${line}\n`).join('')}`);
      lines = drawn.length;
    },
    close: () => {
      if (!output.isTTY) output.write(`${draw(last).join('\n')}\n`);
    },
  };
}

function columnsOf({ name, rows, counts, deadLetters }: TableState): readonly string[] {
  const numbers = [rows, counts.applied, counts.passedOver, deadLetters];
  return [name, ...numbers.map((number) => number.toLocaleString('en'))];
}

function cells(texts: readonly string[]): string {
  return texts
    .map((text, index) => (index === 0 ? text.padEnd(16) : text.padStart(widths[index] ?? 0)))
    .join('')
    .concat(texts.length < head.length ? '      ' : '');
}

function behindText({ newest, position }: TableState): string {
  if (newest >= position || position < '1971') return 'level';
  if (newest === '') return 'all of it';
  return durationText((positionOfTime(position) - positionOfTime(newest)) / 1_000_000);
}
