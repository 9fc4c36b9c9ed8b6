// The page of settings, from the same table that the service reads them with.
import { type Setting, settings } from '../src/settings.js';

export function configurationPage(): string {
  const rows = Object.entries<Setting<unknown>>(settings).map(([name, setting]) => {
    const { meaning, wanted, example } = setting;
    return `| \`${name}\` | ${cell(meaning)} | ${cell(wanted)} | ${cell(defaultOf(setting))} | \`${cell(example)}\` |`;
  });
  return `<!-- Written by \`npm run generate\` from src/settings.ts. -->

# Configuration

Settings come from the environment first, then from a file \`.env\` in the working directory, then from the YAML file that
\`CONFIG_FILE\` names. The names are the same in all three; an unknown name in the YAML file is a fault. All faults are reported at
once, each with what would be right, and the process ends with status 78.

| name | meaning | a right value is | default | example |
| --- | --- | --- | --- | --- |
${rows.join('\n')}
`;
}

function defaultOf({ default: value }: Setting<unknown>): string {
  return value === undefined ? 'none' : `\`${JSON.stringify(value)}\``;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
