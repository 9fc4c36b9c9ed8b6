/** Keys in Google Secret Manager: the newest enabled version of each secret and the one before it, or a pinned one. */
import type { SecretName } from '../config.js';
import { accessVersion, createGoogleClients } from './google-client.js';
import { absentFault, addCommand } from './google-fault.js';
import { textOfKey } from './key-text.js';
import type { SecretKey, SecretSource } from './secret-source.js';
import { type Asked, type Enabled, searchVersions } from './version-search.js';

export interface GoogleSourceOptions {
  /** The full name of each secret id's secret. */
  readonly names: ReadonlyMap<string, SecretName>;
  /** `host:port` of a local server without TLS in place of Google's. */
  readonly emulator: string | undefined;
  readonly callDeadlineMs?: number;
}

export function createGoogleSource(options: GoogleSourceOptions): SecretSource {
  const { names, emulator, callDeadlineMs: deadlineMs = 5_000 } = options;
  const clients = createGoogleClients(emulator);
  /** The last created version of each secret, where the next search begins. */
  const lastVersions = new Map<string, number>();
  const nameOf = (secretId: string): SecretName => {
    const name = names.get(secretId);
    if (name === undefined) throw new Error(`no full name for the secret ${secretId}`);
    return name;
  };
  return {
    read: async (secretId) => {
      const name = nameOf(secretId);
      const ask = (version: string) => accessVersion({ clients, name, version, deadlineMs });
      if (name.version !== 'latest') return keysOf(await pinned(name, ask));
      const from = lastVersions.get(secretId) ?? (await hint(ask));
      const { last, enabled } = await searchVersions((version) => ask(String(version)), from);
      lastVersions.set(secretId, last);
      if (last === 0) throw absentFault(name);
      return keysOf(enabled);
    },
    mend: (secretId) => addCommand(nameOf(secretId)),
    close: () => clients.close(),
  };
}

type Ask = (version: string) => Promise<Asked>;

/** `latest` may lag behind, and fails while the last created version is disabled: it only tells where to begin. */
async function hint(ask: Ask): Promise<number> {
  const latest = await ask('latest');
  return latest.kind === 'enabled' ? latest.version : 0;
}

async function pinned(name: SecretName, ask: Ask): Promise<readonly Enabled[]> {
  const asked = await ask(name.version);
  if (asked.kind === 'absent') throw absentFault(name);
  return asked.kind === 'enabled' ? [asked] : [];
}

function keysOf(enabled: readonly Enabled[]): readonly SecretKey[] {
  return enabled.map(({ version, bytes }) => ({
    value: textOfKey(bytes),
    version: String(version),
  }));
}
