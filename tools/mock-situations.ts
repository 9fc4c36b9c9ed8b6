// Every situation that the contract has an example of, and how the mock is asked for it.
import { type Json, type JsonObject, followed, objectOf, wordOf } from './contract/json.js';

export interface Situation {
  readonly operationId: string;
  readonly status: string;
  readonly example: string;
  readonly path: string;
  /** The value of `Prefer`; nothing where it is the answer to the plain request. */
  readonly prefer: string | undefined;
  /** The value of `Accept`; nothing where the first media type is meant. */
  readonly accept: string | undefined;
  readonly secured: boolean;
}

export function situationsOf(document: JsonObject): readonly Situation[] {
  return Object.entries(objectOf(document.paths)).flatMap(([template, item]) => {
    const operation = objectOf(objectOf(item).get);
    return Object.entries(objectOf(operation.responses)).flatMap(([status, response]) =>
      ofResponse(followed(document, response)).map(({ type, first, example, isDefault }) => ({
        operationId: wordOf(operation.operationId),
        status,
        example,
        path: pathOf(document, template, operation),
        prefer: preferOf(status, example, isDefault),
        accept: first || status !== '200' ? undefined : type,
        secured: Array.isArray(operation.security) && operation.security.length > 0,
      })),
    );
  });
}

function ofResponse(response: JsonObject) {
  return Object.entries(objectOf(response.content)).flatMap(([type, media], index) =>
    Object.keys(objectOf(objectOf(media).examples)).map((example, place) => ({
      type,
      example,
      first: index === 0,
      isDefault: place === 0,
    })),
  );
}

function preferOf(status: string, example: string, isDefault: boolean): string | undefined {
  const parts = [
    ...(status === '200' ? [] : [`code=${status}`]),
    ...(isDefault ? [] : [`example=${example}`]),
  ];
  return parts.length === 0 ? undefined : parts.join(', ');
}

function pathOf(document: JsonObject, template: string, operation: JsonObject): string {
  const list = Array.isArray(operation.parameters) ? (operation.parameters as Json[]) : [];
  return list
    .map((parameter) => followed(document, parameter))
    .filter((parameter) => parameter.in === 'path')
    .reduce(
      (path, { name, example }) =>
        path.replace(`{${wordOf(name)}}`, encodeURIComponent(wordOf(example))),
      template,
    );
}
