/** Which of the answers that the contract documents were given: operation, status and media type. */
import { mkdir, writeFile } from 'node:fs/promises';
import { type OpenApiDocument, resolve } from '../../src/contract/document.js';

interface DocumentedAnswer {
  readonly operation: string;
  readonly status: string;
  readonly type: string;
  readonly isGiven: boolean;
}

/** @param seen what was given, as the checking client notes it: `listPatients 200 application/json` */
export function answersOf(
  document: OpenApiDocument,
  seen: ReadonlySet<string>,
): readonly DocumentedAnswer[] {
  return Object.values(document.paths).flatMap(({ get }) =>
    Object.entries(get?.responses ?? {}).flatMap(([status, response]) =>
      Object.keys(resolve(document, response).content ?? { none: {} }).map((type) => {
        const operation = get?.operationId ?? '';
        return { operation, status, type, isGiven: seen.has(`${operation} ${status} ${type}`) };
      }),
    ),
  );
}

/** Writes `answers.json` and `answers.md` into the folder, and answers one line that sums them up. */
export async function writeAnswerReport(
  answers: readonly DocumentedAnswer[],
  folder: string,
): Promise<string> {
  await mkdir(folder, { recursive: true });
  const given = answers.filter(({ isGiven }) => isGiven).length;
  const sum = `${given} of ${answers.length} documented answers were given`;
  await writeFile(`${folder}/answers.json`, `${JSON.stringify(answers, null, 2)}\n`);
  await writeFile(`${folder}/answers.md`, `# Answers\n\n${sum}.\n\n${tableOf(answers)}\n`);
  return `${sum}: ${folder}/answers.md`;
}

/** A row for each operation, a column for each status and media type; the media type of refusals is left out. */
function tableOf(answers: readonly DocumentedAnswer[]): string {
  const columnOf = ({ status, type }: DocumentedAnswer) =>
    type === 'application/problem+json' ? status : `${status} ${type}`;
  const columns = [...new Set(answers.map(columnOf))].sort();
  const operations = [...new Set(answers.map(({ operation }) => operation))];
  const rows = operations.map((operation) => [
    operation,
    ...columns.map((column) => {
      const found = answers.find((one) => one.operation === operation && columnOf(one) === column);
      if (found === undefined) return '';
      return found.isGiven ? 'given' : '**missing**';
    }),
  ]);
  const lines = [['operation', ...columns], ['---', ...columns.map(() => '---')], ...rows];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
