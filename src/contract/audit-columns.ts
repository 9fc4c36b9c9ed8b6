/** The columns that the service alone sets on every record, in the order in which they close it. */
import type { components } from '../../generated/api.js';

type Shared = components['schemas']['Patient'] & components['schemas']['LabResult'];

export const auditColumns = [
  'created_ts',
  'updated_ts',
  'created_by',
  'updated_by',
  'is_active',
  'record_state',
  'deleted_ts',
  'version',
] as const satisfies readonly (keyof Shared)[];

export type AuditColumn = (typeof auditColumns)[number];
export type RecordState = Shared['record_state'];
