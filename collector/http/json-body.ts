import type { FastifyRequest } from 'fastify'
import type { z } from 'zod'
import { PgherdError } from '../../common/errors.ts'

/**
 * A request's body as the schema has it; no body counts as an empty object.
 * @throws PgherdError BAD_REQUEST with the first thing that is wrong
 */
export function readBody<T>(schema: z.ZodType<T>, request: FastifyRequest): T {
  const parsed = schema.safeParse(request.body ?? {})
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const where = issue === undefined || issue.path.length === 0 ? 'the body' : issue.path.join('.')
  throw new PgherdError('BAD_REQUEST', `${where}: ${issue?.message ?? 'not valid'}`)
}
