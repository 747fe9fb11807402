const text = { type: 'string' } as const
const number = { type: 'number' } as const
const labels = { type: 'object', additionalProperties: text } as const
const sample = {
  type: 'array',
  description: 'Seconds since the epoch, and the value as text.',
  prefixItems: [number, text],
  minItems: 2,
  maxItems: 2,
} as const

/** Shapes that several answers have. */
export const schemas = {
  Error: {
    type: 'object',
    required: ['status', 'errorType', 'error'],
    properties: { status: { const: 'error' }, errorType: text, error: text },
  },
  QueryData: {
    type: 'object',
    required: ['resultType', 'result'],
    properties: {
      resultType: { enum: ['scalar', 'string', 'vector', 'matrix'] },
      result: {
        anyOf: [
          sample,
          {
            type: 'array',
            items: {
              type: 'object',
              properties: { metric: labels, value: sample, values: { type: 'array', items: sample } },
            },
          },
        ],
      },
      stats: { type: 'object' },
    },
  },
  Alert: {
    type: 'object',
    required: ['labels', 'annotations', 'state', 'activeAt', 'value'],
    properties: {
      labels,
      annotations: labels,
      state: { enum: ['pending', 'firing'] },
      activeAt: text,
      keepFiringSince: text,
      value: text,
    },
  },
  Rule: {
    type: 'object',
    required: ['type', 'name', 'query', 'health', 'evaluationTime', 'lastEvaluation'],
    properties: {
      type: { enum: ['alerting', 'recording'] },
      name: text,
      query: text,
      labels,
      health: { enum: ['ok', 'err', 'unknown'] },
      lastError: text,
      evaluationTime: number,
      lastEvaluation: text,
      state: { enum: ['firing', 'pending', 'inactive'] },
      duration: number,
      keepFiringFor: number,
      annotations: labels,
      alerts: { type: 'array', items: { $ref: '#/components/schemas/Alert' } },
    },
  },
  RuleGroup: {
    type: 'object',
    required: ['name', 'file', 'rules', 'interval', 'limit', 'evaluationTime', 'lastEvaluation'],
    properties: {
      name: text,
      file: text,
      interval: number,
      limit: { type: 'integer' },
      evaluationTime: number,
      lastEvaluation: text,
      rules: { type: 'array', items: { $ref: '#/components/schemas/Rule' } },
    },
  },
} as const
