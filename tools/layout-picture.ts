// Draws which folder of src imports which, as dependency-cruiser sees it, into docs/layout.svg.
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { instance } from '@viz-js/viz';
import { type ICruiseResult, cruise } from 'dependency-cruiser';

const root = fileURLToPath(new URL('..', import.meta.url));

/** What each room is for, in the words of the page that shows the picture. */
const captions: Readonly<Record<string, string>> = {
  config: 'every setting',
  contract: 'what we promised',
  http: 'Express to values',
  security: 'who is calling',
  operations: 'what the API does',
  audit: 'who was given what',
  feed: 'the read side',
  ingest: 'how records enter',
  db: 'PostgreSQL',
  commands: 'what operators run',
};

async function draw(): Promise<string> {
  const { output } = await cruise(['src'], {
    baseDir: root,
    doNotFollow: { path: 'node_modules' },
  });
  const viz = await instance();
  // Asked for no other form, it answers the result itself.
  return viz.renderString(dot(edgesOf(output as ICruiseResult)), { format: 'svg' });
}

function edgesOf({ modules }: ICruiseResult): ReadonlySet<string> {
  const edges = modules.flatMap(({ source, dependencies }) =>
    dependencies.map(({ resolved }) => [roomOf(source), roomOf(resolved)] as const),
  );
  return new Set(
    edges.flatMap(([from, to]) =>
      from === undefined || to === undefined || from === to ? [] : [`"${from}" -> "${to}"`],
    ),
  );
}

/** A folder of src by its name, a file beside them by its own. */
function roomOf(path: string): string | undefined {
  return /^src\/([^/]+)/.exec(path)?.[1];
}

function dot(edges: ReadonlySet<string>): string {
  const rooms = Object.entries(captions).map(
    ([name, caption]) =>
      `"${name}" [label=<<b>${name}</b><br/><font point-size="10">${caption}</font>>, fillcolor="#e8f0fe"]`,
  );
  return `digraph {
    rankdir=TB; bgcolor=white; nodesep=0.35; ranksep=0.6
    node [shape=box, style="rounded,filled", fillcolor="#f6f6f6", color="#5f6368", fontname="Helvetica", fontsize=12]
    edge [color="#9aa0a6", arrowsize=0.7]
    ${[...rooms, ...[...edges].sort()].join('\n    ')}
  }`;
}

await writeFile(`${root}/docs/layout.svg`, await draw());
console.log('Written: docs/layout.svg');
