import { z } from 'zod'
import { parseDuration, printDuration } from '../../../common/config/kinds.ts'
import type { Kind } from '../../../common/config/kinds.ts'
import { isTimeZone } from '../../../common/is-time-zone.ts'
import { suggestions } from '../../../common/suggestions.ts'
import { cronProblem } from './cron.ts'

/** A value of the file, checked by a kind of the configuration; what is allowed is in the kind's own words. */
export function of<T>(kind: Kind<T>, more = ''): z.ZodType<T> {
  return z.unknown().transform((given, context) => {
    const read = kind.schema.safeParse(given)
    if (read.success) return read.data
    context.addIssue({ code: 'custom', message: `${kind.allowed}${more}` })
    return z.NEVER
  })
}

/** A map of known keys; a key that is not known is answered with those that it may have been. */
export function keys<S extends z.ZodRawShape>(shape: S): z.ZodObject<S, z.core.$strict> {
  const known = Object.keys(shape)
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? [...new Set(issue.keys.map((wrong) => suggestions(wrong, known)))].join('; ')
        : `a map of ${known.join(', ')}`,
  })
}

/** A list of at most 64, so that the file is bounded. */
export function listOf<T extends z.ZodType>(one: T, what: string): z.ZodArray<T> {
  return z.array(one, { error: `a list of ${what}` }).max(64, `a list of at most 64 ${what}`)
}

/** One that starts at the root: the agent's own working directory is nobody's business. */
export const absolutePath = of<string>({
  schema: z.string().regex(/^\/[^\p{Cc}]*$/u),
  allowed: 'an absolute path',
  placeholder: '<path>',
  print: (value) => value,
})

/** A text of one line, as pgBackRest's file and a command line can hold it. */
export const line = (what: string, pattern = /^[^\p{Cc}]{1,512}$/u): z.ZodType<string> =>
  of({ schema: z.string().regex(pattern), allowed: what, placeholder: '<text>', print: (value) => value })

/** Five fields; its message is what is wrong with it. */
export const cron = z
  .string({ error: 'a cron expression of five fields, in quotes, such as "0 1 * * sun"' })
  .superRefine((expression, context) => {
    const problem = cronProblem(expression)
    // Whatever looks at all keys together is to find expressions that are good.
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem, continue: false })
  })

export const timeZone = z
  .string({ error: 'a time zone such as Europe/Zurich' })
  .refine(isTimeZone, 'a time zone such as Europe/Zurich')

const day = 86_400_000

/** A number of full backups, the days that must stay reachable, or `forever`. */
export const retentionFull = of<{ readonly kind: 'count' | 'days'; readonly value: number } | null>({
  schema: z.union([z.string(), z.number()]).transform((given, context) => {
    if (given === 'forever') return null
    if (/^\d{1,7}$/.test(String(given)) && Number(given) >= 1)
      return { kind: 'count' as const, value: Number(given) }
    const ms = typeof given === 'string' ? parseDuration(given) : undefined
    // pgBackRest's own limit, in backups as in days.
    if (ms !== undefined && ms >= day && ms % day === 0 && ms / day <= 9_999_999) {
      return { kind: 'days' as const, value: ms / day }
    }
    context.addIssue({ code: 'custom', message: 'no retention' })
    return z.NEVER
  }),
  allowed: 'a number of full backups such as 2, whole days that stay reachable such as 14d, or forever',
  placeholder: '<retention>',
  print: (value) =>
    value === null
      ? 'forever'
      : value.kind === 'count'
        ? String(value.value)
        : printDuration(value.value * day),
})
