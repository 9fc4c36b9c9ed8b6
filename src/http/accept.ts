/** Chooses the media type of an answer by the client's `Accept` (RFC 9110 section 12.5.1). */
import Negotiator from 'negotiator';
import { type OpenApiDocument, type OperationObject, resolve } from '../contract/document.js';
import { problems } from '../problem.js';

/**
 * @returns a function that answers the preferred type for an `Accept` header; where the operation documents 406 it
 *   throws that when none fits, elsewhere it answers the first type
 */
export function preferredType(document: OpenApiDocument, operation: OperationObject) {
  const offered = offeredTypes(document, operation);
  const [first] = offered;
  return (accept: string | string[] | undefined): string | undefined => {
    if (accept === undefined || accept === '*/*' || accept === first) return first;
    const negotiator = new Negotiator({ headers: { accept: String(accept) } });
    const [preferred] = negotiator.mediaTypes(offered);
    if (preferred === undefined && '406' in operation.responses) {
      throw problems.notAcceptable(offered);
    }
    return preferred ?? first;
  };
}

/** The value of `Vary` of the operation's answers. */
export function varyOf(document: OpenApiDocument, operation: OperationObject): string {
  const isChosen = offeredTypes(document, operation).length > 1;
  return isChosen ? 'Accept, Accept-Encoding' : 'Accept-Encoding';
}

function offeredTypes(document: OpenApiDocument, { responses }: OperationObject) {
  const success = responses['200'];
  return Object.keys((success && resolve(document, success).content) ?? {});
}
