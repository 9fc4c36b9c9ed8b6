/** Where the benches keep what they need more than once: BENCH_DIR, or a folder beside other temporary files. */
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));
export const folder = process.env.BENCH_DIR ?? join(tmpdir(), 'hospital-bench');
export const key = 'key-of-the-bench-0123456789';

export async function prepareFolder(): Promise<void> {
  const keys = join(folder, 'keys');
  await mkdir(keys, { recursive: true });
  // The database runs under another account where the bench runs as root.
  await chmod(folder, 0o755);
  for (const secret of ['patients_api_key', 'appointments_api_key', 'lab_results_api_key']) {
    await writeFile(join(keys, secret), key);
  }
}
