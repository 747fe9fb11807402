import { z } from 'zod'
import type { CommandView } from '../../common/command/command-view.ts'
import { PgherdError } from '../../common/errors.ts'

/**
 * The value that an action has answered for a program.
 * @throws PgherdError BAD_DATA where it is missing, was cut, or is of an agent that has it otherwise
 */
export function readFacts<T>({ node, kind, result }: CommandView, schema: z.ZodType<T>): T {
  const facts = result?.output.find((one) => one.type === 'facts')?.facts
  if (facts === undefined) {
    throw new PgherdError(
      'BAD_DATA',
      `${kind} of ${node} came without its value: it was too long, or of another version`,
    )
  }
  const read = schema.safeParse(facts)
  if (read.success) return read.data
  throw new PgherdError(
    'BAD_DATA',
    `${kind} of ${node} came in a shape that this agentctl does not know; is the agent of another version?`,
    { cause: read.error },
  )
}
