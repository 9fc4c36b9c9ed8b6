// The project's own checks, one file each, for what `redocly diff` lets pass.
import type { Change } from './change.js';
import { bodySchema } from './checks/body-schema.js';
import { defaultRepresentation } from './checks/default-representation.js';
import { deprecation } from './checks/deprecation.js';
import { discriminator } from './checks/discriminator.js';
import { effectiveSecurity } from './checks/effective-security.js';
import { extensibleEnum } from './checks/extensible-enum.js';
import { fieldRenamed } from './checks/field-renamed.js';
import { namedExample } from './checks/named-example.js';
import { operationServers } from './checks/operation-servers.js';
import { operationTag } from './checks/operation-tag.js';
import { pathParameterRenamed } from './checks/path-parameter-renamed.js';
import { phiLowered } from './checks/phi-lowered.js';
import { problemType } from './checks/problem-type.js';
import { rateLimit } from './checks/rate-limit.js';
import { readWriteOnly } from './checks/read-write-only.js';
import { removedEarly } from './checks/removed-early.js';
import { requestBodyAdded } from './checks/request-body-added.js';
import { requestDefault } from './checks/request-default.js';
import { requestPropertyRemoved } from './checks/request-property-removed.js';
import { responseHeaderOptional } from './checks/response-header-optional.js';
import { secretId } from './checks/secret-id.js';
import { successAdded } from './checks/success-added.js';
import { textEncoding } from './checks/text-encoding.js';
import { type Documents, pairsOf } from './pairs.js';

const checks = [
  requestBodyAdded,
  requestDefault,
  responseHeaderOptional,
  effectiveSecurity,
  readWriteOnly,
  discriminator,
  extensibleEnum,
  deprecation,
  phiLowered,
  fieldRenamed,
  defaultRepresentation,
  operationTag,
  namedExample,
  operationServers,
  problemType,
  bodySchema,
  requestPropertyRemoved,
  secretId,
  textEncoding,
  pathParameterRenamed,
  successAdded,
  rateLimit,
];

/** @param today as YYYY-MM-DD: what was announced to stay until a later day must still be there */
export function ownChanges(documents: Documents, today: string): readonly Change[] {
  const found = pairsOf(documents).flatMap((pair) => checks.flatMap((check) => check(pair)));
  return [...found, ...removedEarly(documents, today)];
}
