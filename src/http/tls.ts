/** The certificate and key of a server that speaks TLS by itself, read again when their files change. */
import { readFile } from 'node:fs/promises';
import { type Server, createServer } from 'node:https';
import type { TransportConfig } from '../config/config.js';
import type { Log } from '../log.js';

type TlsFiles = NonNullable<TransportConfig['tls']>;

export interface TlsPair {
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly minVersion: 'TLSv1.2';
}

/** @throws Error that names the settings when a file cannot be read, or the two do not belong together */
export async function readTls({ certFile, keyFile }: TlsFiles): Promise<TlsPair> {
  try {
    const [cert, key] = await Promise.all([readFile(certFile), readFile(keyFile)]);
    const pair = { cert, key, minVersion: 'TLSv1.2' } as const;
    // Never listens: OpenSSL tells here whether it takes the pair.
    createServer(pair);
    return pair;
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    throw new Error(
      `TLS_CERT_FILE and TLS_KEY_FILE must hold a certificate and its key in PEM: ${words}`,
      { cause: error },
    );
  }
}

interface WatchOptions {
  readonly files: TlsFiles;
  readonly server: Server;
  readonly log: Log;
}

const lookEveryMs = 5_000;

/** Looks at the contents: mounted secrets change by links that file watchers do not see. */
export function watchTls({ files, server, log }: WatchOptions): { close(): void } {
  let used = '';
  const look = async () => {
    const pair = await readTls(files);
    const found = `${pair.cert.toString()}${pair.key.toString()}`;
    if (used !== '' && found !== used) {
      server.setSecureContext(pair);
      log.info({}, 'the certificate changed: new connections get the new one');
    }
    used = found;
  };
  let said = '';
  const timer = setInterval(() => {
    look().then(
      () => (said = ''),
      (error: unknown) => {
        const words = error instanceof Error ? error.message : String(error);
        if (words !== said) log.error({}, `${words}; the certificate before goes on`);
        said = words;
      },
    );
  }, lookEveryMs);
  timer.unref();
  void look().catch(() => undefined);
  return {
    close: () => {
      clearInterval(timer);
    },
  };
}
