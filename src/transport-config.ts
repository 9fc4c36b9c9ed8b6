/** How the service is reached, as the settings say it. */
import type { RateLimit } from './contract/document.js';
import type { Circumstances } from './database-config.js';
import type { Values } from './settings.js';
import type { TrustedProxies } from './transport-settings.js';

export interface TransportConfig {
  readonly trustProxy: TrustedProxies | undefined;
  readonly allowedClients: readonly string[] | undefined;
  readonly maxConnections: number;
  readonly maxInFlight: number;
  readonly maxEventLoopDelayMs: number;
  /** Whole feeds that are sent at a time, and for how long each may be. */
  readonly maxExports: number;
  readonly maxExportMs: number;
  /** Of each consumer; `contract` takes each scheme's own. */
  readonly rateLimit: RateLimit | 'contract' | 'off';
  readonly tls: TlsFiles | undefined;
}

/** Paths of PEM files. */
interface TlsFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

export function transportOf(
  values: Values,
  { faults, production }: Circumstances,
): TransportConfig {
  const { TLS_CERT_FILE: certFile, TLS_KEY_FILE: keyFile } = values;
  if ((certFile === undefined) !== (keyFile === undefined)) {
    faults.push('TLS_CERT_FILE and TLS_KEY_FILE must be set both, or neither');
  }
  return {
    trustProxy: values.TRUST_PROXY,
    allowedClients: values.ALLOWED_CLIENTS,
    maxConnections: values.MAX_CONNECTIONS,
    maxInFlight: values.MAX_IN_FLIGHT,
    maxEventLoopDelayMs: values.MAX_EVENT_LOOP_DELAY_MS,
    maxExports: values.MAX_EXPORTS,
    maxExportMs: values.MAX_EXPORT_SECONDS * 1000,
    rateLimit: values.RATE_LIMIT ?? (production ? 'contract' : 'off'),
    tls: certFile === undefined || keyFile === undefined ? undefined : { certFile, keyFile },
  };
}
