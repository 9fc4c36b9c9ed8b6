/** `hospital-api import --history`: the loads so far, the newest first. */
import type { PastLoad } from '../store/loads.js';

const counted = ['read', 'created', 'updated', 'unchanged', 'older', 'rejected'] as const;

/** For people; numbers and names of files only. */
export function historyText(loads: readonly PastLoad[]): string {
  if (loads.length === 0) return 'no loads yet\n';
  return loads.map(loadText).join('');
}

function loadText({ id, source, started, ended, files, counts, mapping }: PastLoad): string {
  const seconds = ended && ((ended.getTime() - started.getTime()) / 1000).toFixed(1);
  const end = seconds === undefined ? 'did not end, or runs' : `${seconds} s`;
  const head = `load ${id} ${source} ${started.toISOString()} ${end} mapping ${mapping ?? '-'}\n`;
  const collections = (counts.collections ?? {}) as Readonly<
    Record<string, Readonly<Record<string, number>>>
  >;
  return [
    head,
    ...files.map(({ name, bytes, sha256 }) =>
      sha256 === undefined ? `  ${name}\n` : `  ${name} ${String(bytes)} bytes sha256 ${sha256}\n`,
    ),
    ...Object.entries(collections).map(
      ([name, of]) =>
        `  ${name} ${counted.map((field) => `${field} ${of[field] ?? 0}`).join(' ')}\n`,
    ),
  ].join('');
}

/** For machines. */
export function historyJson(loads: readonly PastLoad[]): string {
  return `${JSON.stringify(loads.map((load) => ({ ...load, id: Number(load.id) })))}\n`;
}
