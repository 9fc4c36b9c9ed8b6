/** The contract as clients get it: without the names of secrets, and with the address that they use. */
import type { OpenApiDocument, SecurityScheme } from '../contract/document.js';
import type { JsonText } from '../contract/operations.js';

export function publishedContract(document: OpenApiDocument, publicUrl: URL | undefined) {
  const { securitySchemes } = document.components;
  const published = {
    ...document,
    ...(publicUrl && { servers: [{ url: publicUrl.href.replace(/\/$/, '') }] }),
    components: {
      ...document.components,
      securitySchemes: Object.fromEntries(
        Object.entries(securitySchemes).map(([name, scheme]) => [name, withoutSecret(scheme)]),
      ),
    },
  };
  return JSON.stringify(published) as JsonText<Readonly<Record<string, unknown>>>;
}

function withoutSecret({ 'x-secret-id': _, ...scheme }: SecurityScheme): SecurityScheme {
  return scheme;
}
