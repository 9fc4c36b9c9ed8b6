/** Secrets and their versions in memory, by the rules of Secret Manager. */
import { status } from '@grpc/grpc-js';
import { crc32c } from '../../../src/security/secrets/google-client.js';

export interface Version {
  state: 'ENABLED' | 'DISABLED' | 'DESTROYED';
  data: Buffer;
  readonly createTimeMs: number;
}

/** What gRPC sends in place of an answer. */
export class Refusal extends Error {
  constructor(
    readonly code: status,
    message: string,
  ) {
    super(message);
  }
}

export function createSecrets() {
  /** By full name, `projects/P/secrets/S`; versions count from 1. */
  const secrets = new Map<string, Version[]>();
  const versionsOf = (name: string): Version[] => {
    const versions = secrets.get(name);
    if (versions === undefined) throw new Refusal(status.NOT_FOUND, `Secret [${name}] not found.`);
    return versions;
  };
  /** @param path `projects/P/secrets/S/versions/V` */
  const find = (path: string) => {
    const [name = '', asked = ''] = path.split('/versions/');
    const versions = versionsOf(name);
    const number = asked === 'latest' ? versions.length : Number(asked);
    const version = versions[number - 1];
    if (version === undefined) {
      throw new Refusal(status.NOT_FOUND, `Secret Version [${path}] not found.`);
    }
    return { version, path: `${name}/versions/${number}` };
  };
  return {
    has: (name: string) => secrets.has(name),
    create: (name: string) => {
      if (secrets.has(name)) throw new Refusal(status.ALREADY_EXISTS, `${name} exists.`);
      secrets.set(name, []);
    },
    delete: (name: string) => secrets.delete(name),
    add: (name: string, data: Buffer) => {
      if (data.length > 65_536) throw new Refusal(status.INVALID_ARGUMENT, 'payload too large');
      const versions = versionsOf(name);
      versions.push({ state: 'ENABLED', data, createTimeMs: Date.now() });
      return `${name}/versions/${versions.length}`;
    },
    find,
    list: (name: string) =>
      versionsOf(name)
        .map((version, index) => ({ version, path: `${name}/versions/${index + 1}` }))
        .reverse(),
    setState: (path: string, state: Version['state']) => {
      const { version } = find(path);
      if (version.state === 'DESTROYED') {
        throw new Refusal(status.FAILED_PRECONDITION, `${path} is destroyed.`);
      }
      version.state = state;
      if (state === 'DESTROYED') version.data = Buffer.alloc(0);
    },
    access: (asked: string) => {
      const { version, path } = find(asked);
      if (version.state !== 'ENABLED') {
        const message = `Secret Version [${path}] is in ${version.state} state.`;
        throw new Refusal(status.FAILED_PRECONDITION, message);
      }
      return { name: path, payload: { data: version.data, dataCrc32c: crc32c(version.data) } };
    },
  };
}
