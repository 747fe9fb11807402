import type { Mount } from '../mounts.ts'

type Schema = Readonly<Record<string, unknown>>

export interface Answer {
  /** 200 unless told. */
  readonly status?: number
  readonly what: string
  /** Left out for an answer without a body. */
  readonly type?: string
  readonly schema?: Schema
}

/** One path of the API as its description has it; a test compares them with the routes that exist. */
export interface Operation {
  /** Fastify's pattern without the prefix of its mount. */
  readonly path: string
  readonly methods: readonly ('GET' | 'POST' | 'PUT' | 'DELETE')[]
  readonly mount: Mount
  readonly what: string
  /** Keys of the table of parameters. */
  readonly parameters?: readonly string[]
  /** What a body is; parameters may stand in a form body where nothing is said and POST is taken. */
  readonly body?: Readonly<Record<string, string>>
  readonly answer: Answer
  /** Where it is not a token that is needed; an empty list for a path that is open to all. */
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[]
}

/** `{"status":"success","data":...}` */
export function data(what: string, schema: Schema): Answer {
  return {
    what,
    type: 'application/json',
    schema: {
      type: 'object',
      required: ['status', 'data'],
      properties: {
        status: { const: 'success' },
        data: schema,
        warnings: { type: 'array', items: { type: 'string' } },
        infos: { type: 'array', items: { type: 'string' } },
      },
    },
  }
}

export function json(what: string, schema: Schema = { type: 'object' }): Answer {
  return { what, type: 'application/json', schema }
}

export function text(what: string, type = 'text/plain'): Answer {
  return { what, type, schema: { type: 'string' } }
}

export function nothing(what: string): Answer {
  return { status: 204, what }
}

export const strings: Schema = { type: 'array', items: { type: 'string' } }
export const labels: Schema = { type: 'object', additionalProperties: { type: 'string' } }
export const reference = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` })
export const listOf = (items: Schema): Schema => ({ type: 'array', items })
