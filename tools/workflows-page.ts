// The page of workflows, from the Arazzo documents that are run against the service.
import { readFile, readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { type Json, type JsonObject, objectOf, wordOf } from './contract/json.js';

export const workflowsFolder = fileURLToPath(new URL('../api-spec/workflows/', import.meta.url));

export async function workflowFiles(): Promise<readonly string[]> {
  return (await readdir(workflowsFolder)).filter((name) => name.endsWith('.yaml')).sort();
}

export async function workflowsPage(): Promise<string> {
  const files = await workflowFiles();
  const documents = await Promise.all(
    files.map(async (file) => {
      const text = await readFile(`${workflowsFolder}${file}`, 'utf8');
      return documentPart(file, objectOf(parse(text) as Json));
    }),
  );
  return `<!-- Written by \`npm run generate\` from api-spec/workflows. -->

# Workflows

For developers of readers. After this page you know the usual sequences of requests, and can run them against a service of your own.

They are [Arazzo](https://spec.openapis.org/arazzo/latest.html) documents under \`api-spec/workflows\`. The tests run each
against the service. To run them against yours:

\`\`\`sh
npx redocly respect api-spec/workflows/*.yaml --server hospital=http://127.0.0.1:8080 \\
  --input key="$(cat .local/keys/patients_api_key)" --input otherKey="$(cat .local/keys/appointments_api_key)"
\`\`\`

${documents.join('\n\n')}
`;
}

function documentPart(file: string, document: JsonObject): string {
  const { title, summary } = objectOf(document.info);
  const workflows = listOf(document.workflows).map(workflowPart);
  return [
    `## ${wordOf(title)}`,
    `${wordOf(summary)} [${file}](../api-spec/workflows/${file})`,
    ...workflows,
  ].join('\n\n');
}

function workflowPart(workflow: JsonObject): string {
  const steps = listOf(workflow.steps).map((step, index) => stepPart(step, index + 1));
  return [
    `### ${wordOf(workflow.summary).replace(/\.$/, '')}`,
    wordOf(workflow.description),
    `| step | request | succeeds when | keeps |\n| --- | --- | --- | --- |\n${steps.join('\n')}`,
  ].join('\n\n');
}

function stepPart(step: JsonObject, place: number): string {
  const sent = listOf(step.parameters).map(
    ({ name, value }) => `\`${wordOf(name)}: ${wordOf(value)}\``,
  );
  const wanted = listOf(step.successCriteria).map(criterion);
  const kept = Object.entries(objectOf(step.outputs)).map(
    ([name, value]) => `\`${name}\` = \`${wordOf(value)}\``,
  );
  const request = [`\`${wordOf(step.operationId)}\``, ...sent].join(', ');
  return `| ${place}. \`${wordOf(step.stepId)}\`: ${wordOf(step.description)} | ${request} | ${wanted.join(', ')} | ${kept.join(', ')} |`;
}

function criterion({ context, condition }: JsonObject): string {
  const text = wordOf(condition).replaceAll('|', '\\|');
  return context === undefined ? `\`${text}\`` : `\`${wordOf(context)}\` matches \`${text}\``;
}

function listOf(value: Json | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? (value as readonly Json[]).map(objectOf) : [];
}
