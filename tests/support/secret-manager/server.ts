/** A local server that speaks Secret Manager's own protocol, loaded from the proto files of Google's client. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import * as grpc from '@grpc/grpc-js';
import { load } from '@grpc/proto-loader';
import { Refusal, createSecrets } from './secrets.js';

export interface SecretManager {
  /** `127.0.0.1:port`, for SECRET_MANAGER_EMULATOR_HOST. */
  readonly host: string;
  readonly secrets: ReturnType<typeof createSecrets>;
  readonly faults: Faults;
  /** Each access that was asked for, in order: `projects/P/secrets/S/versions/V`. */
  readonly accesses: readonly string[];
  /** Stops listening; a start on the same port brings the same secrets back. */
  stop(): void;
  start(): Promise<void>;
}

/** What the server does wrong, as a test wants it. */
interface Faults {
  /** Status with which every call fails. */
  code?: grpc.status | undefined;
  delayMs: number;
  wrongChecksum: boolean;
  /** Secrets, by full name, that the caller may not access. */
  readonly denied: Set<string>;
}

export async function startSecretManager(port = 0): Promise<SecretManager> {
  const secrets = createSecrets();
  const faults: Faults = { delayMs: 0, wrongChecksum: false, denied: new Set() };
  const accesses: string[] = [];
  const methods = methodsOf(secrets, faults);
  const service = await loadService();
  const heard = (method: string, { name }: Request) => {
    if (method === 'AccessSecretVersion') accesses.push(name);
  };
  let server = await listen({ service, methods, faults, heard }, port);
  return {
    host: `127.0.0.1:${server.port}`,
    secrets,
    faults,
    accesses,
    stop: () => {
      server.end();
    },
    start: async () => {
      server = await listen({ service, methods, faults, heard }, server.port);
    },
  };
}

type Method = (request: Request) => object;

/** The fields of any request that the methods read. */
interface Request {
  readonly name: string;
  readonly parent: string;
  readonly secretId: string;
  readonly payload: { readonly data: Buffer };
}

function methodsOf(secrets: SecretManager['secrets'], faults: Faults): Record<string, Method> {
  const state = (path: string) => {
    const { version, path: name } = secrets.find(path);
    const seconds = Math.floor(version.createTimeMs / 1000);
    return { name, state: version.state, createTime: { seconds, nanos: 0 } };
  };
  const setter = (to: 'ENABLED' | 'DISABLED' | 'DESTROYED') => (request: Request) => {
    secrets.setState(request.name, to);
    return state(request.name);
  };
  return {
    AccessSecretVersion: ({ name }) => {
      if (faults.denied.has(name.split('/versions/')[0] ?? '')) {
        const message = `Permission 'secretmanager.versions.access' denied for resource '${name}' (or it may not exist).`;
        throw new Refusal(grpc.status.PERMISSION_DENIED, message);
      }
      const { payload, ...rest } = secrets.access(name);
      const error = faults.wrongChecksum ? 1 : 0;
      return { ...rest, payload: { ...payload, dataCrc32c: payload.dataCrc32c + error } };
    },
    CreateSecret: ({ parent, secretId }) => {
      const name = `${parent}/secrets/${secretId}`;
      secrets.create(name);
      return { name };
    },
    GetSecret: ({ name }) => {
      secrets.list(name);
      return { name };
    },
    DeleteSecret: ({ name }) => {
      secrets.delete(name);
      return {};
    },
    AddSecretVersion: ({ parent, payload }) => state(secrets.add(parent, payload.data)),
    GetSecretVersion: ({ name }) => state(name),
    ListSecretVersions: ({ parent }) => ({
      versions: secrets.list(parent).map(({ path }) => state(path)),
    }),
    EnableSecretVersion: setter('ENABLED'),
    DisableSecretVersion: setter('DISABLED'),
    DestroySecretVersion: setter('DESTROYED'),
    SetIamPolicy: () => ({}),
    GetIamPolicy: () => ({ bindings: [] }),
  };
}

async function loadService(): Promise<grpc.ServiceDefinition> {
  const require = createRequire(import.meta.url);
  const root = (name: string) => {
    const entry = require.resolve(name);
    return join(
      entry.slice(0, entry.lastIndexOf(join('node_modules', name))),
      'node_modules',
      name,
    );
  };
  const protos = join(root('@google-cloud/secret-manager'), 'build/protos');
  const gaxEntry = createRequire(require.resolve('@google-cloud/secret-manager')).resolve(
    'google-gax',
  );
  const definition = await load('google/cloud/secretmanager/v1/service.proto', {
    includeDirs: [protos, join(dirname(gaxEntry), '../protos'), join(dirname(gaxEntry), 'protos')],
    longs: String,
    enums: String,
    defaults: true,
  });
  // The definition of a service is what stands under its full name.
  return definition[
    'google.cloud.secretmanager.v1.SecretManagerService'
  ] as unknown as grpc.ServiceDefinition;
}

interface Served {
  readonly service: grpc.ServiceDefinition;
  readonly methods: Record<string, Method>;
  readonly faults: Faults;
  readonly heard: (method: string, request: Request) => void;
}

async function listen({ service, methods, faults, heard }: Served, port: number) {
  const server = new grpc.Server();
  const handlers = Object.entries(methods).map(([name, method]) => [
    name,
    (call: grpc.ServerUnaryCall<Request, object>, done: grpc.sendUnaryData<object>) => {
      heard(name, call.request);
      setTimeout(() => {
        answer(() => method(call.request), faults, done);
      }, faults.delayMs).unref();
    },
  ]);
  server.addService(service, Object.fromEntries(handlers) as grpc.UntypedServiceImplementation);
  const bound = await new Promise<number>((resolve, reject) => {
    server.bindAsync(
      `127.0.0.1:${port}`,
      grpc.ServerCredentials.createInsecure(),
      (error, taken) => {
        if (error === null) resolve(taken);
        else reject(error);
      },
    );
  });
  return {
    port: bound,
    end: () => {
      server.forceShutdown();
    },
  };
}

function answer(work: () => object, faults: Faults, done: grpc.sendUnaryData<object>): void {
  if (faults.code !== undefined) {
    done({ code: faults.code, message: 'as the test wants it' });
    return;
  }
  try {
    done(null, work());
  } catch (error) {
    const code = error instanceof Refusal ? error.code : grpc.status.INTERNAL;
    done({ code, message: error instanceof Error ? error.message : String(error) });
  }
}
