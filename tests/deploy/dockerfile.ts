/** The steps of a Dockerfile, done in plain folders: no engine, the same commands, files and variables. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join, relative } from 'node:path';

interface Step {
  readonly name: string;
  readonly rest: string;
}

export interface Image {
  /** The folder that is the root of its file system. */
  readonly root: string;
  readonly workdir: string;
  readonly env: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly user: string | undefined;
  readonly command: readonly string[];
  readonly healthcheck: readonly string[];
}

export function stepsOf(text: string): readonly Step[] {
  const lines = text
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, ' ')
    .split('\n');
  return lines
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [, name = '', rest = ''] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? [];
      return { name, rest };
    });
}

type Stage = { -readonly [Part in keyof Image]: Image[Part] };

/**
 * @param context what is built, less what its .dockerignore names
 * @returns the last stage
 */
export function follow(steps: readonly Step[], context: string, folder: string): Image {
  const stages = new Map<string, Stage>();
  const args: Record<string, string> = {};
  let stage = newStage(folder, 0);
  for (const { name, rest } of steps) {
    const text = rest.replaceAll(/\$\{(\w+)\}/g, (_, key: string) => args[key] ?? '');
    if (name === 'ARG') {
      const [key = '', value = ''] = text.split('=');
      args[key] ??= value;
    } else if (name === 'FROM') {
      stage = newStage(folder, stages.size);
      stages.set(/ AS (\w+)$/.exec(text)?.[1] ?? String(stages.size), stage);
    } else if (name === 'COPY') copy(text, stage, { stages, context });
    else if (name === 'RUN') run(rest, stage);
    else set(stage, name, text);
  }
  return stage;
}

function newStage(folder: string, number: number): Stage {
  const root = join(folder, `stage-${number}`);
  mkdirSync(root, { recursive: true });
  return { root, workdir: '/', env: {}, labels: {}, user: undefined, command: [], healthcheck: [] };
}

function set(stage: Stage, name: string, text: string): void {
  if (name === 'WORKDIR') {
    stage.workdir = text;
    mkdirSync(join(stage.root, text), { recursive: true });
  } else if (name === 'ENV') stage.env = { ...stage.env, ...pairsOf(text) };
  else if (name === 'LABEL') stage.labels = { ...stage.labels, ...pairsOf(text) };
  else if (name === 'USER') stage.user = text;
  else if (name === 'CMD') stage.command = JSON.parse(text) as string[];
  else if (name === 'HEALTHCHECK') {
    stage.healthcheck = JSON.parse(text.slice(text.indexOf('CMD ') + 4)) as string[];
  } else if (name !== 'EXPOSE') throw new Error(`${name} is a step that is not known here`);
}

function pairsOf(text: string): Record<string, string> {
  const pairs = text.matchAll(/([\w.]+)=("[^"]*"|\S+)/g);
  return Object.fromEntries(
    [...pairs].map(([, key = '', value = '']) => [key, value.replaceAll('"', '')]),
  );
}

interface Sources {
  readonly stages: ReadonlyMap<string, Stage>;
  readonly context: string;
}

function copy(text: string, { root, workdir }: Stage, { stages, context }: Sources): void {
  const [, from] = /^--from=(\w+) /.exec(text) ?? [];
  const paths = text.replace(/^--from=\w+ /, '').split(' ');
  const target = join(root, workdir, paths.pop() ?? '');
  const base = from === undefined ? context : (stages.get(from)?.root ?? '');
  const ignored = from === undefined ? ignoredIn(context) : () => false;
  for (const path of paths) {
    const source = join(base, path);
    // Of a folder Docker copies what is in it.
    const isInto = paths.length > 1 || text.endsWith('/');
    const place = isInto && !statSync(source).isDirectory() ? join(target, basename(path)) : target;
    const filter = (one: string) => !ignored(relative(context, one));
    cpSync(source, place, { recursive: true, verbatimSymlinks: true, filter });
  }
}

function ignoredIn(context: string): (path: string) => boolean {
  const names = readFileSync(join(context, '.dockerignore'), 'utf8').split('\n').filter(Boolean);
  const exact = new Set(names);
  const endings = names.filter((name) => name.startsWith('*')).map((name) => name.slice(1));
  return (path) =>
    exact.has(path) || endings.some((ending) => !path.includes('/') && path.endsWith(ending));
}

function run(command: string, { root, workdir, env }: Stage): void {
  const { PATH, HOME } = process.env;
  const done = spawnSync('sh', ['-c', command], {
    cwd: join(root, workdir),
    env: { PATH, HOME, ...env },
    encoding: 'utf8',
  });
  if (done.status !== 0) throw new Error(`RUN ${command}\n${done.stdout}${done.stderr}`);
}
