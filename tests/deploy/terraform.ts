/** The Terraform files, parsed: blocks are lists of objects, and expressions texts as `${…}`. */
import { createRequire } from 'node:module';
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

// Its types would bring the browser's into every file.
const { parse } = createRequire(import.meta.url)('@cdktf/hcl2json') as {
  readonly parse: (name: string, text: string) => Promise<unknown>;
};

export type Block = Readonly<Record<string, unknown>>;
type Named = Readonly<Record<string, readonly Block[]>>;

interface Terraform {
  readonly variable?: Named;
  readonly locals?: readonly Block[];
  readonly resource?: Readonly<Record<string, Named>>;
}

export const folder = fileURLToPath(new URL('../../deploy/terraform/', import.meta.url));
const texts = readdirSync(folder)
  .filter((name) => name.endsWith('.tf'))
  .map((name) => [name, readFileSync(`${folder}${name}`, 'utf8')] as const);

/** Every file's text. */
export const all = texts.map(([, text]) => text).join('\n');

const parsed: Terraform[] = [];
for (const [name, text] of texts) parsed.push((await parse(name, text)) as Terraform);

export const variables = parsed.flatMap(({ variable = {} }) => Object.entries(variable));

export const locals: Block = Object.fromEntries(
  parsed.flatMap((file) => (file.locals ?? []).flatMap((block) => Object.entries(block))),
);

export const resources = parsed.flatMap(({ resource = {} }) =>
  Object.entries(resource).flatMap(([type, named]) =>
    Object.entries(named).flatMap(([name, blocks]) =>
      blocks.map((block) => ({ type, name, block })),
    ),
  ),
);

/** An empty block where there is no such resource. */
export const find = (type: string, name: string): Block =>
  resources.find((resource) => resource.type === type && resource.name === name)?.block ?? {};

/** The block at the end of a path of blocks that stand once each; empty where one is not there. */
export function inside(block: Block, ...path: readonly string[]): Block {
  const [name, ...rest] = path;
  if (name === undefined) return block;
  // hcl2json makes a list of each block.
  const [inner = {}] = (block[name] ?? []) as readonly Block[];
  return inside(inner, ...rest);
}
