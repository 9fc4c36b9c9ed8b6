// Files to begin a configuration with, from the same table that the service reads its settings with.
import type { Setting } from '../src/config/setting.js';
import { settings } from '../src/config/settings.js';

/** What a service in production cannot do without; the rest stands there as a comment. */
const needed: Readonly<Record<string, string>> = {
  NODE_ENV: settings.NODE_ENV.example,
  DATABASE_URL: settings.DATABASE_URL.example,
  DATABASE_MIGRATION_URL: settings.DATABASE_MIGRATION_URL.example,
  DATABASE_TLS: settings.DATABASE_TLS.example,
  AUDIT_ANCHOR: settings.AUDIT_ANCHOR.example,
  SECRET_MANAGER_PROJECT: settings.SECRET_MANAGER_PROJECT.example,
};

const head = `# Written by \`npm run generate\` from src/config/settings.ts; docs/configuration.md tells the same at length.
# Lines without # are what a service in production needs. Uncommented as they are, the others are valid too, one at a time.
`;

/** For \`.env\`, systemd’s EnvironmentFile and \`docker run --env-file\`. */
export function exampleEnv(): string {
  return head + entries((name, example) => `${name}=${example}`);
}

/** For the file that `CONFIG_FILE` names. */
export function exampleYaml(): string {
  return head + entries((name, example) => `${name}: ${yamlOf(example)}`);
}

function entries(line: (name: string, example: string) => string): string {
  return Object.entries<Setting<unknown>>(settings)
    .map(([name, { meaning, example }]) => {
      const mark = name in needed ? '' : '#';
      return `\n${commented(meaning)}\n${mark}${line(name, needed[name] ?? example)}\n`;
    })
    .join('');
}

const width = 110;

function commented(text: string): string {
  const lines = [''];
  for (const word of text.split(' ')) {
    const last = lines.at(-1) ?? '';
    if (last.length + word.length >= width) lines.push(word);
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
  }
  return lines.map((line) => `# ${line}`).join('\n');
}

/** Numbers and plain words as they are, the rest quoted; lists and mappings of JSON are YAML too. */
function yamlOf(text: string): string {
  return /^(?:[\w./-]+|\[.*\])$/.test(text) ? text : JSON.stringify(text);
}
