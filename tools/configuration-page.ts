// The page of settings, from the same table that the service reads them with.
import type { Setting } from '../src/config/setting.js';
import { settings } from '../src/config/settings.js';

export function configurationPage(): string {
  const rows = Object.entries<Setting<unknown>>(settings).map(([name, setting]) => {
    const { meaning, wanted, example } = setting;
    return rowOf([`\`${name}\``, meaning, wanted, defaultOf(setting), `\`${example}\``, anySource]);
  });
  return `<!-- Written by \`npm run generate\` from src/config/settings.ts. -->

# Configuration

For operators. After this page you can set, check and look up every setting.

Settings come from the environment first, then from a file \`.env\` in the working directory, then from the YAML file that
\`CONFIG_FILE\` names. The names are the same in all three; an unknown name in the YAML file is an error. All errors are reported at
once, each with what would be right, and the process ends with status 78.

\`npm start -- --check-config\`, or \`hospital-api serve --check-config\`, shows every setting as it counts and where it comes from, with passwords and
keys masked, and starts nothing: status 0, or 78 with all errors. A setting that an earlier version had is ignored, with a warning at each start. \`config/example.env\` and \`config/example.yaml\` hold every setting to begin with.

| name | meaning | a right value is | default | example | source |
| --- | --- | --- | --- | --- | --- |
${rows.join('\n')}
${beside.map(rowOf).join('\n')}
`;
}

const anySource = 'any';

/** Names that are not in the table: those of secrets come from the contract. */
const beside = [
  [
    '`CONFIG_FILE`',
    'YAML file with settings.',
    'the path of a file',
    'none',
    '`/etc/hospital-api.yaml`',
    'environment, `.env`',
  ],
  [
    '`<SECRET_ID>_SECRET_ID`',
    'The version of a secret elsewhere than in SECRET_MANAGER_PROJECT; the id as the contract or CONSUMERS names it, in upper case.',
    'projects/P/secrets/S/versions/V, V a number or latest',
    'none',
    '`PATIENTS_API_KEY_SECRET_ID=projects/hospital-prod/secrets/patients/versions/latest`',
    anySource,
  ],
  [
    '`<SECRET_ID>`',
    'A key of the producer, where it stands in no secret; the service reads none of these.',
    'a key',
    'none',
    '`PATIENTS_API_KEY`',
    anySource,
  ],
];

function rowOf(cells: readonly string[]): string {
  return `| ${cells.map(cell).join(' | ')} |`;
}

function defaultOf({ default: value }: Setting<unknown>): string {
  return value === undefined ? 'none' : `\`${JSON.stringify(value)}\``;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
