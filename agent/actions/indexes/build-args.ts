import { z } from 'zod'
import { bytesOf } from '../tune/args.ts'

export const maxSizeArg = z
  .string()
  .refine((text) => bytesOf(text) !== undefined, 'a size, such as 20GB')
  .optional()
  .describe('a larger index is refused, such as 20GB')

export const patienceArg = z
  .int()
  .min(1)
  .max(86_400)
  .default(3_600)
  .describe(
    'seconds that it waits for each transaction that is in its way; a vacuum of the table waits behind it',
  )

/** Bytes of what `maxSizeArg` has taken. */
export function sizeBound(text: string | undefined): number | undefined {
  return text === undefined ? undefined : bytesOf(text)
}
