import type { z } from 'zod'
import { PgherdError } from '../../../common/errors.ts'
import { engineError } from './engine-error.ts'

/**
 * The content of a JSON answer.
 * @param path for the message
 * @throws PgherdError what the engine says when the status is no success; UNREACHABLE for content of another shape,
 *   because then something else answers in its place
 */
export function readJson<T>(
  answer: { readonly status: number; readonly body: Uint8Array },
  schema: z.ZodType<T>,
  path: string,
): T {
  if (answer.status !== 200) throw engineError(answer.status, answer.body)
  const text = Buffer.from(answer.body).toString('utf8')
  try {
    return schema.parse(JSON.parse(text))
  } catch (error) {
    const start = JSON.stringify(text.slice(0, 80))
    const message = `what answers for VictoriaMetrics does not know ${path}, it said ${start}`
    throw new PgherdError('UNREACHABLE', message, { cause: error })
  }
}
