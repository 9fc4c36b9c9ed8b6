// Mutations of the contract, each with the verdict it must get and, where it breaks, a client that it breaks.
import type { Verdict } from '../../tools/contract/change.js';
import { wordOf } from '../../tools/contract/json.js';
import { type Edit, append, drop, edit, remove, rename, reverse, set } from './edits.js';

export interface Mutation {
  readonly name: string;
  readonly verdict: Verdict;
  /** Which of the kinds that `redocly diff` lets pass. */
  readonly missed?: string;
  /** A client that breaks. */
  readonly client?: string;
  /** Brings what is not in the contract into both versions first. */
  readonly prepare?: readonly Edit[];
  readonly edits: readonly Edit[];
}

const list = '#/paths/~1patients/get';
const get = '#/paths/~1patients~1{patient_id}/get';
const health = '#/paths/~1health~1live/get';
const docs = '#/paths/~1docs/get';
const patient = '#/components/schemas/Patient';
const field = (name: string) => `${patient}/properties/${name}`;
const labField = (name: string) => `#/components/schemas/LabResult/properties/${name}`;
const visitField = (name: string) => `#/components/schemas/Appointment/properties/${name}`;
const parameter = (name: string) => `#/components/parameters/${name}`;
const header = (name: string) => `#/components/headers/${name}`;
const json = `${list}/responses/200/content/application~1json`;
const text = { type: 'string', maxLength: 64, 'x-phi': 'none', description: 'A text.' };
const flag = { name: 'flag', in: 'query', schema: { type: 'boolean' } };
const later = '2999-01-01';

/** An operation that takes a body, which the contract does not have. */
const write = '#/paths/~1patients/post';
const body = `${write}/requestBody/content/application~1json/schema`;
const withBody = [
  set(write, {
    operationId: 'addNote',
    tags: ['patients'],
    security: [{ patients: [] }],
    requestBody: {
      content: {
        'application/json': {
          schema: {
            type: 'object',
            properties: {
              note: { type: 'string', maxLength: 100, 'x-extensible-enum': ['a', 'b'] },
              kind: { type: 'string', enum: ['call', 'visit'] },
              count: { type: 'integer', default: 1 },
            },
          },
        },
      },
    },
    responses: { '204': { description: 'Taken.' } },
  }),
];
const withChoice = [
  set(field('contact'), {
    oneOf: [{ $ref: '#/components/schemas/Address' }, { $ref: '#/components/schemas/Health' }],
    discriminator: {
      propertyName: 'kind',
      mapping: { address: '#/components/schemas/Address', health: '#/components/schemas/Health' },
    },
  }),
];
const withGlobalKey = [set('#/security', [{ patients: [] }])];
const deprecated = [set(`${field('dob_text')}/deprecated`, true)];
const announced = [...deprecated, set(`${field('dob_text')}/x-sunset`, later)];

function breaking(name: string, ...edits: readonly Edit[]): Mutation {
  return { name, verdict: 'breaking', edits };
}
function compatible(name: string, ...edits: readonly Edit[]): Mutation {
  return { name, verdict: 'compatible', edits };
}
function wording(name: string, ...edits: readonly Edit[]): Mutation {
  return { name, verdict: 'wording', edits };
}
function missed(kind: string, name: string, edits: readonly Edit[], prepare: readonly Edit[] = []) {
  return { name, verdict: 'breaking', missed: kind, edits, prepare } as const;
}
function newKind(client: string, name: string, ...edits: readonly Edit[]): Mutation {
  return { name, verdict: 'breaking', client, edits };
}

const seenByRedocly: readonly Mutation[] = [
  breaking('an operation is removed', drop(get)),
  breaking('a field has no longest length', drop(`${field('name')}/maxLength`)),
  breaking('a field may be empty', set(`${field('name_suffix')}/minLength`, 0)),
  breaking('a closed list of codes opens', drop(`${field('gender')}/enum`)),
  breaking(
    'a refusal no longer says when',
    drop('#/components/responses/TooManyRequests/headers/Retry-After'),
  ),
  breaking(
    'a list is written differently',
    set(`${parameter('IsActiveFilter')}/style`, 'spaceDelimited'),
  ),

  breaking('a path is removed', drop('#/paths/~1lab_results')),
  breaking('an operationId changes', set(`${list}/operationId`, 'fetchPatients')),
  breaking(
    'a query parameter is removed',
    remove(`${list}/parameters`, { $ref: parameter('Limit') }),
  ),
  breaking(
    'a required query parameter is added',
    append(`${list}/parameters`, { ...flag, required: true }),
  ),
  breaking('an optional parameter becomes required', set(`${parameter('Limit')}/required`, true)),
  breaking('a parameter moves from query to header', set(`${parameter('Cursor')}/in`, 'header')),
  breaking('the highest limit falls', set(`${parameter('Limit')}/schema/maximum`, 500)),
  breaking('the lowest limit rises', set(`${parameter('Limit')}/schema/minimum`, 10)),
  breaking('a longest cursor is set shorter', set(`${parameter('Cursor')}/schema/maxLength`, 64)),
  breaking(
    'a parameter changes its pattern',
    set(`${parameter('Cursor')}/schema/pattern`, '^[a-z]+$'),
  ),
  breaking('a parameter changes its type', set(`${parameter('Limit')}/schema/type`, 'string')),
  breaking('a field is removed', drop(field('email'))),
  breaking('a field is no longer always there', remove(`${patient}/required`, 'email')),
  breaking('a field may be null', set(`${labField('status')}/type`, ['string', 'null', 'number'])),
  breaking(
    'an audit column may be null',
    set('#/components/schemas/CreatedTs/type', ['string', 'null']),
  ),
  breaking('a field becomes a list', set(`${field('phone')}/type`, 'array')),
  breaking('a number becomes a text', set(`${labField('value_number')}/type`, ['string', 'null'])),
  breaking(
    'a closed list of codes grows',
    append('#/components/schemas/RecordState/enum', 'archived'),
  ),
  breaking('a field may be longer', set(`${field('name')}/maxLength`, 5000)),
  breaking('a field changes its pattern', set(`${field('email')}/pattern`, '^.*$')),
  breaking('a field changes its format', set(`${field('dob')}/format`, 'date-time')),
  breaking('a list may be longer', set(`${json}/schema/maxItems`, 5000)),
  breaking(
    'an array becomes an envelope',
    set(`${json}/schema`, { type: 'object', properties: { items: { type: 'array' } } }),
  ),
  breaking('NDJSON is removed', drop(`${list}/responses/200/content/application~1x-ndjson`)),
  breaking('a refusal is removed', drop(`${get}/responses/404`)),
  breaking('a status changes', rename(`${get}/responses/200`, '201')),
  breaking('a response header is removed', drop(`${list}/responses/200/headers/Next-Cursor`)),
  breaking(
    'a response header changes its type',
    set(`${header('Retry-After')}/schema/type`, 'string'),
  ),
  breaking('the scheme of a key changes', set('#/components/securitySchemes/patients/in', 'query')),
  breaking(
    'the header of a key changes',
    set('#/components/securitySchemes/patients/name', 'x-key'),
  ),
  breaking('a collection asks for another key', set(`${list}/security`, [{ appointments: [] }])),
  breaking('the address changes', set('#/servers/0/url', 'https://elsewhere.example')),
  {
    ...breaking(
      'a branch is added to a choice',
      append(`${field('contact')}/oneOf`, { type: 'string' }),
    ),
    prepare: withChoice,
  },
  {
    ...breaking(
      'a code that clients send is removed',
      remove(`${body}/properties/kind/enum`, 'visit'),
    ),
    prepare: withBody,
  },
  {
    ...breaking('a field that clients send becomes required', set(`${body}/required`, ['note'])),
    prepare: withBody,
  },
  {
    ...breaking('a body becomes required', set(`${write}/requestBody/required`, true)),
    prepare: withBody,
  },
];

const missedByRedocly: readonly Mutation[] = [
  missed('required body', 'a required body is added to an operation', [
    set(`${list}/requestBody`, {
      required: true,
      content: { 'application/json': { schema: text } },
    }),
  ]),
  missed('required body', 'a required body is added to another', [
    set(`${get}/requestBody`, { required: true, content: { 'text/plain': { schema: text } } }),
  ]),
  missed('parameter default', 'a parameter gets a default', [
    set(`${parameter('Limit')}/schema/default`, 10),
  ]),
  missed(
    'parameter default',
    'a default changes',
    [set(`${parameter('Limit')}/schema/default`, 10)],
    [set(`${parameter('Limit')}/schema/default`, 100)],
  ),
  missed(
    'parameter default',
    'a default in a body changes',
    [set(`${body}/properties/count/default`, 2)],
    withBody,
  ),
  missed('optional header', 'Feed-Epoch may be missing', [
    set(`${header('Feed-Epoch')}/required`, false),
  ]),
  missed('optional header', 'Retry-After may be missing', [
    drop(`${header('Retry-After')}/required`),
  ]),
  missed(
    'security dropped',
    'the open health path falls under a key for all',
    [drop(`${health}/security`)],
    withGlobalKey,
  ),
  missed(
    'security dropped',
    'the open page falls under a key for all',
    [drop(`${docs}/security`)],
    withGlobalKey,
  ),
  missed(
    'security dropped',
    'the key for all is gone, and with it the only one that was asked for',
    [drop('#/security')],
    [...withGlobalKey, drop(`${list}/security`)],
  ),
  missed('read or write only', 'a field is no longer in responses', [
    set(`${field('phone')}/writeOnly`, true),
  ]),
  missed('read or write only', 'another is no longer in responses', [
    set(`${labField('note')}/writeOnly`, true),
  ]),
  missed(
    'read or write only',
    'a field may no longer be sent',
    [set(`${body}/properties/note/readOnly`, true)],
    withBody,
  ),
  missed(
    'discriminator',
    'the discriminator is gone',
    [drop(`${field('contact')}/discriminator`)],
    withChoice,
  ),
  missed(
    'discriminator',
    'the discriminator is another field',
    [set(`${field('contact')}/discriminator/propertyName`, 'sort')],
    withChoice,
  ),
  missed(
    'discriminator',
    'a mapping is gone',
    [drop(`${field('contact')}/discriminator/mapping/health`)],
    withChoice,
  ),
  missed('narrowed codes', 'a kind of source is no longer listed', [
    remove('#/components/schemas/SourceType/x-extensible-enum', 'Appointment'),
  ]),
  missed('narrowed codes', 'a status is no longer listed', [
    remove(`${visitField('status')}/x-extensible-enum`, 'noshow'),
  ]),
  missed(
    'narrowed codes',
    'a code that clients send is no longer listed',
    [set(`${body}/properties/note/x-extensible-enum`, ['a'])],
    withBody,
  ),
  missed('no sunset', 'a field is deprecated without an end', deprecated),
  missed('no sunset', 'an operation is deprecated without an end', [
    set(`${list}/deprecated`, true),
  ]),
  missed(
    'no sunset',
    'the end is no longer said',
    [drop(`${field('dob_text')}/x-sunset`)],
    announced,
  ),
];

const ofNewKinds: readonly Mutation[] = [
  newKind(
    'a warehouse job that tags and masks columns by x-phi',
    'a birth date is no longer protected',
    set(`${field('dob')}/x-phi`, 'none'),
  ),
  newKind(
    'a redactor that drops what is direct',
    'a name counts as quasi',
    set(`${field('name')}/x-phi`, 'quasi'),
  ),
  newKind(
    'a job that removes free text',
    'a note is no free text any more',
    drop(`${visitField('reason')}/x-free-text`),
  ),
  newKind('a SELECT of the old column', 'a field is renamed', rename(field('phone'), 'telephone')),
  newKind(
    'curl and dlt, which send no Accept and parse JSON',
    'NDJSON is given first',
    reverse(`${list}/responses/200/content`),
  ),
  newKind(
    'code that calls PatientsApi of openapi-generator',
    'an operation moves to another tag',
    set(`${list}/tags`, ['service']),
  ),
  newKind(
    'a consumer test that asks the mock for its last page',
    'a named example is removed',
    drop(`${json}/examples/lastPage`),
  ),
  newKind(
    'a client whose firewall opens one host',
    'an operation moves to another host',
    set(`${list}/servers`, [{ url: 'https://other.example' }]),
  ),
  newKind(
    'a reader that starts afresh on cursor-expired',
    'a refusal is renamed',
    edit('#/info/description', (value) =>
      wordOf(value).replace('## cursor-expired', '## history-changed'),
    ),
  ),
  newKind(
    'a deployment whose secret has the old name',
    'a key is read from another secret',
    set('#/components/securitySchemes/patients/x-secret-id', 'patients'),
  ),
  newKind(
    'a reader that parses lines',
    'a body is encoded',
    set(`${list}/responses/200/content/application~1x-ndjson/schema/contentEncoding`, 'base64'),
  ),
  newKind(
    'a generated type, which becomes unknown',
    'nothing is promised about a body',
    drop(`${json}/schema`),
  ),
  {
    ...newKind(
      'a team that planned by the old day',
      'an end is brought forward',
      set(`${field('dob_text')}/x-sunset`, '2998-01-01'),
    ),
    prepare: announced,
  },
  {
    ...newKind(
      'a team that still has time by the old day',
      'a field goes before its end',
      drop(field('dob_text')),
    ),
    prepare: announced,
  },
  {
    ...newKind(
      'a sender whose field is ignored',
      'a field is no longer read',
      drop(`${body}/properties/note`),
    ),
    prepare: withBody,
  },
  newKind(
    'whoever trusts that patients are behind a key',
    'a list opens to everybody',
    set(`${list}/security`, []),
  ),
  newKind(
    'a warehouse job that tags what is health',
    'a code of an illness counts as quasi',
    set(`${labField('note')}/x-phi`, 'quasi'),
  ),
  newKind(
    'a job that makes dates coarser by quasi',
    'a birth date counts as health',
    set(`${field('dob')}/x-phi`, 'health'),
  ),
  newKind(
    'a call of getPatient({ patient_id }) in a generated client',
    'the parameter of a path is renamed',
    rename('#/paths/~1patients~1{patient_id}', '~1patients~1{id}'),
  ),
  newKind(
    'a client that follows 200 alone',
    'a list may answer with a part',
    set(`${list}/responses/206`, { description: 'A part.' }),
  ),
  breaking('304 is answered unasked', set(`${list}/responses/304`, { description: 'Held.' })),
  newKind(
    'a consumer that keeps to the promised rate',
    'fewer requests are taken',
    set('#/components/securitySchemes/patients/x-rate-limit/requests', 60),
  ),
  {
    ...newKind(
      'a team that still has time, whose field was announced behind a reference',
      'a field behind a reference goes before its end',
      drop(field('colour')),
    ),
    prepare: [
      set('#/components/schemas/Colour', {
        ...text,
        deprecated: true,
        'x-sunset': later,
      }),
      set(field('colour'), { $ref: '#/components/schemas/Colour' }),
    ],
  },
  newKind('a client without a key', 'one of two keys is none', append(`${get}/security`, {})),
];

const harmless: readonly Mutation[] = [
  compatible(
    'a path is added',
    set('#/paths/~1new', {
      get: { operationId: 'getNew', responses: { '200': { description: 'Yes.' } } },
    }),
  ),
  compatible('an optional parameter is added', append(`${list}/parameters`, flag)),
  compatible('a field is added', set(field('nickname'), text)),
  compatible(
    'a field is added that is always there',
    set(field('nickname'), text),
    append(`${patient}/required`, 'nickname'),
  ),
  compatible(
    'a response header is added',
    set(`${list}/responses/200/headers/X-Extra`, { schema: text }),
  ),
  compatible(
    'a list of codes grows',
    append('#/components/schemas/SourceType/x-extensible-enum', 'MedicationRequest'),
  ),
  compatible('a refusal is added', set(`${list}/responses/402`, { description: 'No.' })),
  compatible(
    'a condition is taken, and its 304 is answered',
    append(`${list}/parameters`, { $ref: '#/components/parameters/If-None-Match' }),
    set(`${list}/responses/304`, { description: 'Held already.' }),
  ),
  compatible('a field gets a pattern', set(`${field('family_name')}/pattern`, '^[^0-9]+$')),
  compatible(
    'more requests are taken',
    set('#/components/securitySchemes/patients/x-rate-limit/requests', 900),
  ),
  compatible('a field is shorter', set(`${field('name')}/maxLength`, 256)),
  compatible('a higher limit is allowed', set(`${parameter('Limit')}/schema/maximum`, 2000)),
  compatible('a field is never null', set(`${field('mrn')}/type`, 'string')),
  compatible(
    'a closed list of codes shrinks',
    remove('#/components/schemas/RecordState/enum', 'erased'),
  ),
  compatible('a field is protected more', set(`${field('gender')}/x-phi`, 'direct')),
  compatible('a field is deprecated with its end', ...announced),
  compatible('a header is sent always', set(`${header('Next-Cursor')}/required`, true)),
  compatible(
    'a media type is added',
    set(`${list}/responses/200/content/text~1csv`, { schema: { type: 'string' } }),
  ),
  compatible('a second tag is added', append(`${list}/tags`, 'service')),
  wording('a description of a field', set(`${field('name')}/description`, 'The name.')),
  wording('a description of an operation', set(`${list}/description`, 'Patients.')),
  wording('a summary', set(`${list}/summary`, 'Patients')),
  wording('an example of a field', set(`${field('name')}/example`, 'Someone Else')),
  wording(
    'a description of the document',
    edit('#/info/description', (value) => `${wordOf(value)}\n`),
  ),
  wording('a contact', set('#/info/contact/name', 'The owners')),
  wording('a description of a tag', set('#/tags/0/description', 'People.')),
  wording('the words of a named example', set(`${json}/examples/firstPage/summary`, 'One page')),
  wording('a title', set(`${patient}/title`, 'A patient')),
];

/** The same contract in other words: nothing has changed, or nothing that a program reads. */
const sameContract: readonly Mutation[] = [
  wording('a shared header is written out', (document) => {
    const value = lookUpHeader(document);
    return set(`${list}/responses/200/headers/Feed-Epoch`, value)(document);
  }),
  wording('parameters stand at the path', (document) => {
    const limit = { $ref: parameter('Limit') };
    const moved = remove(`${list}/parameters`, limit)(document);
    return set('#/paths/~1patients/parameters', [limit])(moved);
  }),
  wording(
    'null is a branch rather than a type',
    set(field('phone'), { ...phone(), oneOf: [{ type: 'string' }, { type: 'null' }] }),
  ),
  wording('codes are listed in another order', reverse('#/components/schemas/RecordState/enum')),
  wording('fields are written in another order', reverse(`${patient}/properties`)),
  wording('an address has a description', set('#/servers/0/description', 'The service.')),
  wording('a schema that nothing uses is added', set('#/components/schemas/Unused', text)),
  {
    ...wording(
      'what is announced moves behind a reference',
      set('#/components/schemas/Old', { ...text, deprecated: true, 'x-sunset': later }),
      set(field('old'), { $ref: '#/components/schemas/Old' }),
    ),
    prepare: [set(field('old'), { ...text, deprecated: true, 'x-sunset': later })],
  },
  {
    ...wording('keys are listed in another order', reverse(`${list}/security`)),
    prepare: [append(`${list}/security`, { appointments: [] })],
  },
  wording('the version alone', set('#/info/version', '1.0.1')),
];

function lookUpHeader(document: Parameters<Edit>[0]) {
  const headers = (document.components as Parameters<Edit>[0]).headers as Parameters<Edit>[0];
  return headers['Feed-Epoch'] ?? null;
}

function phone() {
  return {
    description: 'Phone number that holds at present, as written. It is not normalised.',
    minLength: 1,
    maxLength: 64,
    'x-phi': 'direct',
    example: '+1-555-0100',
  };
}

export const mutations: readonly Mutation[] = [
  ...seenByRedocly,
  ...missedByRedocly,
  ...ofNewKinds,
  ...harmless,
  ...sameContract,
];
