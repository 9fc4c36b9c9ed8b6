/** A load in a process of its own: how long it took, and the most memory that it held. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface MeasuredLoad {
  readonly seconds: number;
  /** Bytes. */
  readonly peak: number;
}

export interface LoadOptions {
  readonly url: string;
  /** The extract. */
  readonly path: string;
  /** Where the process works and leaves what it measured. */
  readonly folder: string;
  readonly keepSource: boolean;
}

const program = fileURLToPath(new URL('../dist/commands/hospital-api.js', import.meta.url));
/** As in the script `import` of package.json. */
const nodeOptions = ['--max-semi-space-size=16'];
/** Preloaded: writes the most memory the process ever held. */
const peakMemory = `data:text/javascript,import { writeFileSync } from 'node:fs';
process.on('exit', () => writeFileSync(process.env.PEAK_MEMORY_FILE, String(process.resourceUsage().maxRSS * 1024)));`;

export async function measuredLoad(options: LoadOptions): Promise<MeasuredLoad> {
  const { url, path, folder, keepSource } = options;
  const peakFile = join(folder, 'peak');
  const start = performance.now();
  const child = spawn(
    process.execPath,
    [...nodeOptions, '--import', peakMemory, program, 'import', '--json', '--quiet', path],
    {
      env: {
        ...process.env,
        ...{ DATABASE_URL: url, PEAK_MEMORY_FILE: peakFile, KEEP_SOURCE: String(keepSource) },
      },
      cwd: folder,
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  );
  const [status] = (await once(child, 'exit')) as [number | null];
  if (status !== 0) throw new Error(`the load ended with status ${String(status)}`);
  const seconds = (performance.now() - start) / 1000;
  return { seconds, peak: Number(await readFile(peakFile, 'utf8')) };
}
