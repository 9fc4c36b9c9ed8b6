/** Every version of every record that was a patient's while the version stood. */
import type { Database } from '../database.js';

export interface PatientVersion {
  readonly collection: string;
  readonly id: string;
  readonly version: number;
  /** Microseconds since 1970. */
  readonly position: number;
  /** Position of the version after it. */
  readonly next: number | undefined;
}

interface Row {
  readonly collection: string;
  readonly id: string;
  readonly version: number;
  readonly position: string;
  readonly next: string | null;
}

/** Histories are read backwards from where the records stand now. */
export async function patientVersions(
  database: Pick<Database, 'query'>,
  patientId: string,
): Promise<readonly PatientVersion[]> {
  const rows = await database.query<Row>({
    text: `
      with recursive concerned as (
        select feed.collection, present.id
        from feed, lateral (
          select id from record where record.collection = feed.collection and patient_id = $1
        ) as present
        union
        select collection, id from former_patient where patient_id = $1
      ), history as (
        select change.*, record.patient_id, null::bigint as next
        from concerned join record using (collection, id)
        join change on change.collection = record.collection and change.position = record.position
        union all
        select change.*, history.patient_id, history.position
        from history
        join change on change.collection = history.collection and change.position = history.previous
      )
      select collection, id, version, position, next
      from history
      where $1 = coalesce((
        select former.patient_id from former_patient as former
        where former.collection = history.collection and former.id = history.id
          and former.through >= history.position
        order by former.through limit 1
      ), history.patient_id)
      order by collection, position`,
    values: [patientId],
  });
  return rows.map(({ next, ...row }) => ({
    ...row,
    position: Number(row.position),
    next: next === null ? undefined : Number(next),
  }));
}
