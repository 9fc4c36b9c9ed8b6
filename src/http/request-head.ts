/** Looks at the head of a request before Express does, which would read some heads by rules of its own. */
import type { RequestListener } from 'node:http';
import { problems } from '../problem.js';
import type { RefuseEarly } from './refuse-early.js';

/** What comes behind it has a host, and a path as its target. */
export function withReadableHead(app: RequestListener, refuse: RefuseEarly): RequestListener {
  return (request, response) => {
    const target = originFormOf(request.url ?? '');
    if (request.headers.host === undefined && request.httpVersion === '1.1') {
      response.shouldKeepAlive = false;
      refuse(request, response, problems.badRequest('A request by HTTP/1.1 needs the field Host.'));
    } else if (target === undefined) {
      const detail = 'The request target is neither a path nor an http address.';
      refuse(request, response, problems.badRequest(detail));
    } else {
      request.url = target;
      app(request, response);
    }
  };
}

/**
 * A proxy's absolute form loses its address; the asterisk stays.
 * @see RFC 9112 section 3.2
 */
function originFormOf(target: string): string | undefined {
  if (target.startsWith('/') || target === '*') return target;
  const [whole, rest = ''] = /^https?:\/\/[^/?#@]+([/?].*)?$/i.exec(target) ?? [];
  if (whole === undefined || !URL.canParse(whole)) return undefined;
  return rest.startsWith('/') ? rest : `/${rest}`;
}
