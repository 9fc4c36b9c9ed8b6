/** The fields that every record has: where it came from and how confidential its source calls it. */
import type { Meta } from 'fhir/r4.js';
import { sourceVersionOf } from '../source-version.js';
import { recordId } from './reference.js';

export interface SourceView {
  readonly source: string;
  readonly sourceType: string;
  readonly sourceId: string;
  readonly meta: Meta | undefined;
}

export const sourceFields = {
  source: { from: '(the load)', value: ({ source }: SourceView) => source },
  source_type: { from: 'resourceType', value: ({ sourceType }: SourceView) => sourceType },
  source_id: { from: 'id', value: ({ sourceId }: SourceView) => sourceId },
  security_labels: {
    from: 'meta.security',
    lost: 'display, version',
    value: ({ meta }: SourceView): string[] =>
      (meta?.security ?? []).flatMap(({ system, code }) =>
        code === undefined ? [] : [`${system ?? ''}|${code}`],
      ),
  },
};

export function ownId({ source, sourceType, sourceId }: SourceView): string {
  return recordId(source, sourceType, sourceId);
}

/** How old the source calls this version, when it says so. */
export function versionOf(meta: Meta | undefined): { sourceVersion?: string } {
  const sourceVersion = sourceVersionOf(meta);
  return sourceVersion === undefined ? {} : { sourceVersion };
}
