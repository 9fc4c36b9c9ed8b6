// Builds dist/: compiles the sources, and adds the contract's types so that the package needs nothing else.
import { spawnSync } from 'node:child_process';
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { URL, fileURLToPath } from 'node:url';

const here = new URL('./', import.meta.url);
const project = new URL('../../', here);
const dist = new URL('dist/', here);

rmSync(dist, { recursive: true, force: true });
const compiler = fileURLToPath(new URL('node_modules/typescript/bin/tsc', project));
const compiled = spawnSync(process.execPath, [compiler, '-p', fileURLToPath(here)], {
  stdio: 'inherit',
});
if (compiled.status !== 0) process.exit(1);

rewrite(new URL('generated/api.d.ts', project), new URL('contract.d.ts', dist), compact);
const types = new URL('types.d.ts', dist);
rewrite(types, types, (text) => text.replace('../../../generated/api.js', './contract.js'));
copyFileSync(new URL('LICENSE', project), new URL('LICENSE', dist));

/**
 * @param {URL} from
 * @param {URL} to
 * @param {(text: string) => string} change
 */
function rewrite(from, to, change) {
  writeFileSync(to, change(readFileSync(from, 'utf8')));
}

/**
 * A third of the size: no response headers and no absent methods, which the client's types do not read, and comments
 * only on fields and parameters, where editors show them.
 * @param {string} text
 */
function compact(text) {
  return text
    .replace(/^( *)headers: \{\n[^]*?^\1\};\n/gm, '')
    .replace(/^ *readonly \w+\?: never;\n/gm, '')
    .replace(/^ *\/\*\*(?:(?!\*\/)[^])*\*\/\n(?! *readonly (?!get:)[a-z_]+\??:)/gm, '')
    .replace(/^(?: {4})+/gm, ({ length }) => '\t'.repeat(length / 4));
}
