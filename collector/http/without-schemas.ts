import { PgherdError } from '../../common/errors.ts'

/**
 * For Fastify's `schemaController`: bodies are checked by zod, and answers are written by code of ours. Unless told, it
 * loads two compilers of JSON Schema that no route asks for.
 */
export const withoutSchemas = { compilersFactory: { buildValidator: refuse, buildSerializer: refuse } }

function refuse(): never {
  throw new PgherdError('INTERNAL', 'a route has a JSON schema, which nothing here compiles')
}
