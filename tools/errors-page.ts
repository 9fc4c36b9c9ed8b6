// The page of refusals, one section for each problem type, from the contract's catalogue and its examples.
import type { OpenAPI3 } from 'openapi-typescript';
import { type Json, type JsonObject, followed, objectOf, wordOf } from './contract/json.js';

interface Refusal {
  readonly slug: string;
  readonly words: string;
}

export function errorsPage(bundle: OpenAPI3): string {
  // The same JSON; openapi-typescript's name for it is narrower.
  const document = bundle as unknown as JsonObject;
  const refusals = refusalsOf(wordOf(objectOf(document.info).description));
  const answers = answersOf(document);
  const operationCount = new Set(answers.map(({ operationId }) => operationId)).size;
  return `<!-- Written by \`npm run generate\` from api-spec/descriptions/info.md and the contract's examples. -->

# Errors

For developers of readers. After this page you can react to every refusal of the service.

Every refusal is \`application/problem+json\` (RFC 9457). Tell refusals apart by \`type\`, whose last step names a section of this page;
\`title\` and \`detail\` are for people. \`instance\` holds the request id, under which the service's log states the cause. \`errors\` names
each parameter that is wrong.

| status | type | what to do |
| --- | --- | --- |
${refusals.map((one) => rowOf(one, answers)).join('\n')}

${refusals.map((one) => sectionOf(one, answers, operationCount)).join('\n\n')}
`;
}

/** The sections under Errors. */
function refusalsOf(description: string): readonly Refusal[] {
  const [, errors = ''] = description.split(/^# Errors$/m);
  return [...errors.matchAll(/^## ([a-z-]+)\n+([^]*?)(?=\n##? |$(?![^]))/gm)].map(
    ([, slug = '', words = '']) => ({ slug, words: words.trim() }),
  );
}

function statusOf({ words }: Refusal): string {
  return /^\d{3}/.exec(words)?.[0] ?? '';
}

interface Answer {
  readonly slug: string;
  readonly operationId: string;
  readonly value: Json;
}

/** Every example of a refusal, with the operation that answers it. */
function answersOf(document: JsonObject): readonly Answer[] {
  return Object.values(objectOf(document.paths)).flatMap((item) =>
    Object.values(objectOf(item)).flatMap((value) => {
      const operation = objectOf(value);
      return Object.values(objectOf(operation.responses))
        .map((response) => objectOf(followed(document, response).content))
        .flatMap((content) =>
          Object.values(objectOf(objectOf(content['application/problem+json']).examples)),
        )
        .map((example) => objectOf(followed(document, example).value))
        .map((problem) => ({
          slug: wordOf(problem.type).split('/').at(-1) ?? '',
          operationId: wordOf(operation.operationId),
          value: problem,
        }));
    }),
  );
}

const again: Readonly<Record<string, string>> = {
  '400': 'fix the request; the same one is refused again',
  '401': 'send the collection’s own key',
  '403': 'ask the operator; the network is not allowed',
  '404': 'fix the address',
  '405': 'use a method of `Allow`',
  '406': 'ask for a media type that is given',
  '408': 'send it again, faster',
  '410': 'do a full resync',
  '413': 'send it without a body',
  '429': 'wait for `Retry-After`, then send it again, with a valid key',
  '431': 'send shorter header fields',
  '500': 'send it again later; tell the operator the request id',
  '503': 'wait for `Retry-After`, then send it again',
};

function rowOf(refusal: Refusal, answers: readonly Answer[]): string {
  const status = statusOf(refusal);
  const advice = again[status];
  if (advice === undefined) throw new Error(`Nothing is said of what to do about ${status}.`);
  const [first] = answers.filter(({ slug }) => slug === refusal.slug);
  const title = first === undefined ? '' : ` (${wordOf(objectOf(first.value).title)})`;
  return `| ${status} | [\`${refusal.slug}\`](#${refusal.slug})${title} | ${advice} |`;
}

function sectionOf(
  { slug, words }: Refusal,
  answers: readonly Answer[],
  operationCount: number,
): string {
  const given = answers.filter((answer) => answer.slug === slug);
  const operations = [...new Set(given.map(({ operationId }) => `\`${operationId}\``))];
  const [first] = given;
  const by = operations.length === operationCount ? 'every operation' : operations.join(', ');
  return [
    `## ${slug}`,
    words,
    ...(operations.length > 0 ? [`Answered by ${by}.`] : []),
    ...(first === undefined ? [] : ['```json\n' + JSON.stringify(first.value, null, 2) + '\n```']),
  ].join('\n\n');
}
