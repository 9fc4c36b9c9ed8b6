/** The id under which a request is found in the log: the client's own when it is a sane token. */
import { randomUUID } from 'node:crypto';

const token = /^[A-Za-z0-9._-]{1,128}$/;

export function requestIdOf(sent: string | string[] | undefined): string {
  return typeof sent === 'string' && token.test(sent) ? sent : randomUUID();
}
