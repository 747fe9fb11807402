import { version } from '../../../common/version.ts'
import { mounts } from '../mounts.ts'
import { alertOperations } from './alert-operations.ts'
import { commandOperations } from './command-operations.ts'
import { insightOperations } from './insight-operations.ts'
import { insertOperations } from './insert-operations.ts'
import type { Operation } from './operation.ts'
import { otherOperations } from './other-operations.ts'
import { trustOperations } from './trust-operations.ts'
import { parameters } from './parameters.ts'
import type { Parameter } from './parameters.ts'
import { schemas } from './schemas.ts'
import { selectOperations } from './select-operations.ts'

type Json = Readonly<Record<string, unknown>>

export const operations: readonly Operation[] = [
  ...selectOperations,
  ...insertOperations,
  ...otherOperations,
  ...trustOperations,
  ...commandOperations,
  ...alertOperations,
  ...insightOperations,
]

/** The description of the API as an OpenAPI 3.1 document (spec.openapis.org/oas/v3.1.0). */
export function openApiDocument(): Json {
  const paths: Record<string, Json> = {}
  for (const operation of operations) {
    const path = operation.path.replace(/:([A-Za-z]+)/g, '{$1}').replace('*', '{rest}')
    paths[path] = {
      ...paths[path],
      servers: mounts[operation.mount].map((prefix) => ({ url: prefix === '' ? '/' : prefix })),
      ...Object.fromEntries(
        operation.methods.map((method) => [method.toLowerCase(), describe(operation, method)]),
      ),
    }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'pgherd collector',
      version,
      description:
        'What Prometheus and VictoriaMetrics answer, and what agents and operators ask. Parameters may stand in the ' +
        'URL or, with POST, in a form body.',
    },
    paths,
    components: {
      schemas,
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'A token as /api/v1/tokens makes them.' },
        tokenAsPassword: {
          type: 'http',
          scheme: 'basic',
          description: 'The token as password, for any user.',
        },
        agent: { type: 'mutualTLS', description: "The certificate of a node's agent." },
      },
    },
    security: [{ token: [] }, { tokenAsPassword: [] }],
  }
}

function describe(
  { path, what, parameters: keys = [], body, answer, security }: Operation,
  method: string,
): Json {
  const known = [...keys, ...(path.endsWith('*') ? ['rest'] : [])].map((key) => parameterOf(path, key))
  const form = known.filter((parameter) => parameter.in === 'query')
  return {
    summary: what,
    ...(security === undefined ? {} : { security }),
    operationId: `${method.toLowerCase()}${path.replace(/[^A-Za-z0-9]+/g, '_')}`,
    parameters: known.map((parameter) => describeParameter(parameter, method)),
    ...(body === undefined ? {} : { requestBody: describeBody(body) }),
    ...(body !== undefined || method === 'GET' || form.length === 0
      ? {}
      : { requestBody: describeForm(form) }),
    responses: {
      [String(answer.status ?? 200)]: {
        description: answer.what,
        ...(answer.type === undefined ? {} : { content: { [answer.type]: { schema: answer.schema } } }),
      },
      default: {
        description: 'What went wrong.',
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
      },
    },
  }
}

function parameterOf(path: string, key: string): Parameter {
  const parameter = parameters.get(key)
  if (parameter === undefined) throw new Error(`${path} names the parameter "${key}", which is not described`)
  return parameter
}

function describeParameter(parameter: Parameter, method: string): Json {
  const { name, what, repeated } = parameter
  // A required one may stand in the form instead.
  const required = parameter.in === 'path' || (parameter.required === true && method === 'GET')
  return {
    name,
    in: parameter.in,
    description: what,
    ...(required ? { required } : {}),
    schema: schemaOf(parameter),
    ...(repeated === true ? { style: 'form', explode: true } : {}),
  }
}

function describeForm(form: readonly Parameter[]): Json {
  const properties = Object.fromEntries(form.map((parameter) => [parameter.name, schemaOf(parameter)]))
  return { content: { 'application/x-www-form-urlencoded': { schema: { type: 'object', properties } } } }
}

function describeBody(body: Readonly<Record<string, string>>): Json {
  return {
    required: true,
    content: Object.fromEntries(
      Object.entries(body).map(([type, what]) => [type, { schema: { type: 'string', description: what } }]),
    ),
  }
}

function schemaOf({ type, repeated }: Parameter): Json {
  return repeated === true ? { type: 'array', items: { type } } : { type }
}
