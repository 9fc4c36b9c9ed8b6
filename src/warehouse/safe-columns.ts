/** What a field may tell in a de-identified view: nothing, unless its annotations in the contract say that it is harmless. */
import { auditColumns } from '../contract/audit-columns.js';
import type { JsonSchema } from '../contract/document.js';
import type { Dialect } from './dialect.js';
import {
  type Leaf,
  codes,
  country,
  numberBelowHighAge,
  postalArea,
  publicSystem,
  state,
  year,
} from './safe-forms.js';

export interface SafeColumn {
  readonly name: string;
  readonly expression: string;
}

export function safeColumns(schema: JsonSchema, dialect: Dialect): readonly SafeColumn[] {
  const all = leavesOf(schema, []);
  return all.flatMap((leaf): SafeColumn[] => {
    const form = formOf(leaf, all);
    if (form === undefined) return [];
    const { suffix, expression } = form(dialect);
    const name = leaf.path.join('_');
    return [{ name: suffix ? `${name.replace(/_ts$/, '')}${suffix}` : name, expression }];
  });
}

/** The fields that hold a value, those of objects among them. */
function leavesOf({ properties }: JsonSchema, path: readonly string[]): readonly Leaf[] {
  return Object.entries(properties ?? {}).flatMap(([name, schema]) => {
    const here = [...path, name];
    return schema.properties === undefined ? [{ path: here, schema }] : leavesOf(schema, here);
  });
}

interface SafeForm {
  readonly suffix?: string;
  readonly expression: string;
}

type Form = (dialect: Dialect) => SafeForm;

/** What is not known to be harmless is left out. */
function formOf(leaf: Leaf, all: readonly Leaf[]): Form | undefined {
  const { path, schema } = leaf;
  const { 'x-phi': phi, 'x-free-text': isFreeText, 'x-deidentified': wanted } = schema;
  if (phi === undefined || phi === 'direct' || isFreeText === true) return undefined;
  const types = typesOf(schema);
  const isAudit = (auditColumns as readonly string[]).includes(path.join('.'));
  if (types.includes('boolean')) return plain(leaf);
  const listed = listedCodes(schema);
  if (listed !== undefined) return (dialect) => ({ expression: codes(leaf, listed, dialect) });
  if (isAudit) return undefined;
  if (schema.format === 'date' || schema.format === 'date-time') {
    return (dialect) => ({ suffix: '_year', expression: year(leaf, dialect) });
  }
  if (types.includes('number') || types.includes('integer')) {
    const units = all.filter((other) => other.schema['x-deidentified'] === 'unit');
    return (dialect) => ({ expression: numberBelowHighAge(leaf, units, dialect) });
  }
  if (typeof wanted === 'string' && wanted in asWanted) {
    return (dialect) => ({ expression: asWanted[wanted]?.(leaf, all, dialect) ?? 'NULL' });
  }
  const isCode = phi === 'health' && schema.pattern !== undefined && types.includes('string');
  return isCode ? (dialect) => ({ expression: codes(leaf, undefined, dialect) }) : undefined;
}

const asWanted: Readonly<
  Record<string, (leaf: Leaf, all: readonly Leaf[], dialect: Dialect) => string>
> = { state, country, postal_code: postalArea, code_system: publicSystem };

function plain({ path }: Leaf): Form {
  return (dialect) => ({ expression: dialect.column(path) });
}

function listedCodes(schema: JsonSchema): readonly string[] | undefined {
  const held = schema.items ?? schema;
  const listed = held.enum ?? held['x-extensible-enum'];
  return Array.isArray(listed)
    ? listed.filter((code): code is string => typeof code === 'string')
    : undefined;
}

function typesOf({ type }: JsonSchema): readonly string[] {
  return typeof type === 'string' ? [type] : (type ?? []);
}
