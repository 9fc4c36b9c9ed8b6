/** Before a run of tests: dist/ as the sources have it, since tests start its programs and read its pages. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export default function setup(): void {
  const tool = fileURLToPath(new URL('../../tools/build-if-stale.mjs', import.meta.url));
  const { status } = spawnSync(process.execPath, [tool], { stdio: 'inherit' });
  if (status !== 0) throw new Error('dist/ cannot be built');
}
