// Every record ends with the columns that the service alone sets.
import { objectOf, textsOf, wordOf } from '../contract/json.js';
import type { Rule } from './rule.js';

const columns = [
  'created_ts',
  'updated_ts',
  'created_by',
  'updated_by',
  'is_active',
  'record_state',
  'deleted_ts',
  'version',
];

export const auditColumns: Rule = {
  on: 'Operation',
  check: (operation, { follow }) => {
    if (!wordOf(operation.operationId).startsWith('list')) return [];
    const response = follow(objectOf(operation.responses)['200']);
    const media = objectOf(objectOf(response.node.content)['application/json']);
    const list = follow(media.schema, response.from);
    const record = follow(list.node.items, list.from).node;
    const last = Object.keys(objectOf(record.properties)).slice(-columns.length);
    const required = textsOf(record.required);
    if (last.join() === columns.join() && columns.every((name) => required.includes(name)))
      return [];
    return [
      {
        message: `A record has to end with ${columns.join(', ')}, all required.`,
        at: ['responses', '200'],
      },
    ];
  },
};
