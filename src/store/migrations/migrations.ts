/** The numbered migrations, in order; they go forward only. */
import { feeds } from './0001-feeds.js';
import { knownResources } from './0002-known-resources.js';
import { feedMoved } from './0003-feed-moved.js';
import { facts } from './0004-facts.js';
import { digests } from './0005-digests.js';
import { audit } from './0006-audit.js';

export const migrations: readonly { readonly name: string; readonly sql: string }[] = [
  { name: '0001-feeds', sql: feeds },
  { name: '0002-known-resources', sql: knownResources },
  { name: '0003-feed-moved', sql: feedMoved },
  { name: '0004-facts', sql: facts },
  { name: '0005-digests', sql: digests },
  { name: '0006-audit', sql: audit },
];
