/** The settings of the access audit: where it is kept, how long, and what becomes of requests without it. */
import { type Setting, boolean, wholeNumber } from './setting.js';

export const auditLogs = ['postgres', 'stdout', 'both', 'off'] as const;

export const auditSettings = {
  AUDIT_LOG: {
    meaning:
      'Where each access is recorded before its answer leaves: in PostgreSQL, chained and append only; on standard output, as lines with the label `log: audit`, which hold record ids; in both; or, with a warning at every start in production, nowhere.',
    wanted: '"postgres", "stdout", "both" or "off"',
    example: 'both',
    default: 'postgres',
    parse: (text) => auditLogs.find((log) => log === text),
  } satisfies Setting<(typeof auditLogs)[number]>,
  AUDIT_REQUIRED: {
    meaning: 'A request whose access cannot be recorded gets 503; `false` answers it all the same.',
    wanted: '"true" or "false"',
    example: 'false',
    default: true,
    parse: boolean,
  } satisfies Setting<boolean>,
  AUDIT_ANCHOR: {
    meaning:
      'Where the newest hash of the audit in PostgreSQL is kept every hour, out of the reach of the database’s owner: a file that lines are added to, or a folder of a bucket.',
    wanted: 'a path, or gs://bucket/folder',
    example: 'gs://hospital-audit/anchors',
    default: undefined,
    parse: (text) =>
      text.startsWith('gs:')
        ? /^gs:\/\/[a-z0-9][a-z0-9._-]+\/.*[^/]$/.test(text)
          ? text
          : undefined
        : text,
  } satisfies Setting<string | undefined>,
  AUDIT_KEEP_MONTHS: {
    meaning:
      'Months of the audit that `hospital-api audit prune` leaves; 72 are the six years of HIPAA.',
    wanted: 'a whole number from 1 to 1200',
    example: '120',
    default: 72,
    parse: wholeNumber(1, 1_200),
  } satisfies Setting<number>,
};
