const text = { type: 'string' } as const;
const hash = { type: 'string', pattern: '^sha256:[0-9a-f]{64}$' } as const;
const texts = { type: 'array', items: text } as const;
const completeness = { type: 'object', additionalProperties: { enum: ['whole', 'part', 'none'] } } as const;

const change = {
  type: 'object',
  required: ['at', 'kind'],
  additionalProperties: false,
  properties: { at: text, kind: { enum: ['add', 'change', 'remove'] }, before: true, after: true },
} as const;

const document = {
  type: 'object',
  required: ['address', 'body'],
  additionalProperties: false,
  properties: { address: text, body: { type: 'object' }, protect: { type: 'boolean' }, was: text, ignore: texts },
} as const;

const step = {
  type: 'object',
  required: ['address', 'action', 'changes', 'reasons', 'deferred', 'needs'],
  additionalProperties: false,
  properties: {
    address: text,
    action: { enum: ['create', 'adopt', 'update', 'replace', 'delete', 'unchanged', 'held'] },
    changes: { type: 'array', items: change },
    reasons: texts,
    before: hash,
    after: hash,
    document,
    deferred: texts,
    id: text,
    was: text,
    temporary: { type: 'object', required: ['for', 'until'], additionalProperties: false, properties: { for: text, until: text } },
    needs: texts,
    held: {
      type: 'object',
      required: ['action', 'rule', 'allow'],
      additionalProperties: false,
      properties: { action: { enum: ['delete', 'replace', 'update'] }, rule: text, allow: text },
    },
  },
} as const;

/** JSON Schema (2020-12) of a plan file. */
export const PLAN_SCHEMA = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'a sealed plan of Cordboard',
  type: 'object',
  required: ['format', 'org', 'tree', 'tool', 'made', 'expires', 'completeness', 'cycles', 'living', 'problems', 'steps', 'digest'],
  additionalProperties: false,
  properties: {
    format: { const: 1 },
    org: { type: 'object', required: ['id', 'name'], additionalProperties: false, properties: { id: text, name: text } },
    tree: text,
    commit: text,
    tool: text,
    made: text,
    expires: text,
    completeness: { type: 'object', required: ['live', 'wanted'], additionalProperties: false, properties: { live: completeness, wanted: completeness } },
    cycles: {
      type: 'array',
      items: {
        type: 'object',
        required: ['path', 'deferred', 'why'],
        additionalProperties: false,
        properties: { path: texts, deferred: texts, why: { type: 'array', items: { enum: ['only', 'fewest', 'fewest-assets', 'first', 'loosens-most'] } } },
      },
    },
    problems: { type: 'array', items: { type: 'object', required: ['code', 'severity', 'message'] } },
    steps: { type: 'array', items: step },
    living: { type: 'object', additionalProperties: { type: 'integer', minimum: 0 } },
    allowDeletes: {
      type: 'object',
      required: ['count'],
      additionalProperties: false,
      properties: { count: { type: 'integer', minimum: 0 }, percent: { type: 'number', minimum: 0, maximum: 100 } },
    },
    digest: hash,
  },
} as const;
