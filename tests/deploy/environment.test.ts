/** The variables, secrets and roles that deploy files name are those that settings, contract and Terraform have. */
import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readContract } from '../../src/contract/contract.js';
import { secretIdsOf } from '../../src/security/holders.js';
import { settings } from '../../src/config/settings.js';

const read = (file: string) => readFileSync(file, 'utf8');
const namesIn = (file: string, pattern: RegExp) =>
  [...read(file).matchAll(pattern)].flatMap(([, names = '']) => names.split(/\s+/)).sort();

/** Where each file gives the service or the producer a variable. */
const given: readonly (readonly [file: string, pattern: RegExp])[] = [
  ['Dockerfile', /(?<=^ENV |^ENV \S+ )([A-Z_]+)(?==)/gm],
  ['deploy/compose.yaml', /^ {6}([A-Z_]+):/gm],
  ['deploy/cloudrun/service.yaml', /- name: ([A-Z_]+)$/gm],
  ['deploy/cloudrun/job.yaml', /- name: ([A-Z_]+)$/gm],
  ['deploy/systemd/hospital-api.env', /^([A-Z_]+)=/gm],
  ['deploy/systemd/hospital-api.service', /(?<=^Environment=.*)\b([A-Z_]+)(?==)/gm],
  ['deploy/systemd/hospital-api@.service', /(?<=^Environment=.*)\b([A-Z_]+)(?==)/gm],
  ['deploy/terraform/run.tf', /^ +name += "([A-Z_]+)"$/gm],
  ['deploy/terraform/cloud-init.yaml', /--env ([A-Z_]+)=/g],
];
/** Of other programs: PostgreSQL's image, and the build's base. */
const foreign = /^(?:POSTGRES_\w+|BASE)$/;

describe('the environment', () => {
  it.each(given)('that %s gives is made of settings', (file, pattern) => {
    const names = namesIn(file, pattern).filter((name) => !foreign.test(name));
    expect(names).not.toEqual([]);
    expect(names.filter((name) => !(name in settings))).toEqual([]);
  });

  it.each(['deploy/cloudrun/service.yaml', 'deploy/terraform/run.tf'])(
    'of production in %s has what a start in production needs',
    (file) => {
      for (const name of ['NODE_ENV', 'DATABASE_URL', 'SECRET_MANAGER_PROJECT']) {
        expect(read(file)).toContain(name);
      }
    },
  );
});

describe('the secrets of the contract', () => {
  const ids = [...secretIdsOf(readContract()).values()].sort();

  it.each([
    ['deploy/compose.yaml', /file: \.\/keys\/(\w+)/g],
    ['deploy/systemd/hospital-api.service', /LoadCredential=(\w+):/g],
  ])('are those of %s', (file, pattern) => {
    expect(namesIn(file, pattern)).toEqual(ids);
  });
});

describe('deploy/iam.md', () => {
  const [granted = '', byHand = ''] = read('deploy/iam.md').split('Made by hand');
  const roles = (text: string) => new Set(text.match(/roles\/[\w.]+/g));
  const terraform = readdirSync('deploy/terraform')
    .filter((name) => name.endsWith('.tf'))
    .map((name) => read(`deploy/terraform/${name}`))
    .join('\n');

  it('tells every role that Terraform grants, and no other', () => {
    expect([...roles(granted)].sort()).toEqual([...roles(terraform)].sort());
  });

  it('tells every account that Terraform makes', () => {
    const accounts = [...terraform.matchAll(/account_id += "([\w-]+)"/g)].map(([, id = '']) => id);
    expect(accounts.filter((id) => !granted.includes(`\`${id}\``))).toEqual([]);
    expect(byHand).toContain('hospital-builder');
  });
});
