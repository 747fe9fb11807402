import { z } from 'zod'
import { usages } from './definition.ts'

/** The schema of a branch, as people write it. Each rule says what is allowed, for the one-line messages. */

const count = (allowed: string): z.ZodType<number> => z.number({ error: allowed }).min(0, { error: allowed })

/** A value of several shapes with one message; `read` gives undefined for what is not allowed. */
function value<T>(allowed: string, read: (given: unknown) => T | undefined): z.ZodType<T> {
  return z.unknown().transform((given, context) => {
    const result = read(given)
    if (result !== undefined) return result
    context.addIssue({ code: 'custom', message: allowed })
    return z.NEVER
  })
}

/**
 * YAML 1.1 readers take `090600` for text (9 is no octal digit) and 1.2 readers for a number; some files
 * quote it. All three mean server_version_num.
 */
const versionNumber = value('a server_version_num such as 140000 or 090600', (given) =>
  (typeof given === 'number' || typeof given === 'string') && /^\d{1,7}$/.test(String(given))
    ? Number(given)
    : undefined,
)

const number = value('a number', (given) => {
  if (given === null) return null
  const known = typeof given === 'number' || (typeof given === 'string' && given.trim() !== '')
  return known && Number.isFinite(Number(given)) ? Number(given) : undefined
})

const tags = value('a list of tags', (given) => {
  if (given === null) return []
  const isList = Array.isArray(given) && given.every((tag) => typeof tag === 'string' && tag !== '')
  return isList ? (given as readonly string[]) : undefined
})

const text = z.string({ error: 'text' })
const filled = z
  .string({ error: 'text that is not blank' })
  .refine((given) => given.trim() !== '', { error: 'text that is not blank', abort: true })

/** After comments and brackets; the session refuses writes anyway, but not VACUUM, CHECKPOINT or SET. */
const reading = /^(?:\s|\(|--[^\n]*\n|\/\*[^]*?\*\/)*(?:select|with|values|table|show)\b/i
const query = filled.refine((sql) => reading.test(sql), {
  error: 'SQL that reads: SELECT, WITH, VALUES, TABLE or SHOW',
})

const column = z
  .strictObject({
    usage: z
      .string({ error: usages.join(', ') })
      .transform((usage) => usage.toUpperCase())
      .pipe(z.enum(usages, { error: usages.join(', ') })),
    rename: filled.optional(),
    description: z.union([text, z.null()]).optional(),
    default: number.optional(),
    scale: number.optional(),
    numbers_only: z.boolean({ error: 'true or false' }).optional(),
    bucket: z
      .array(z.number({ error: 'finite numbers' }), { error: 'a list of finite numbers' })
      .refine((bounds) => bounds.every((bound, i) => i === 0 || bound > bounds[i - 1]!), {
        error: 'strictly increasing upper bounds',
      })
      .optional(),
  })
  .superRefine((given, context) => {
    const histogram = given.usage === 'HISTOGRAM'
    if (histogram && given.bucket === undefined) {
      context.addIssue({ code: 'custom', path: ['bucket'], message: 'upper bounds for a HISTOGRAM' })
    }
    if (!histogram && given.bucket !== undefined) {
      context.addIssue({ code: 'custom', path: ['bucket'], message: 'nothing: only a HISTOGRAM has buckets' })
    }
  })

export type GivenColumn = z.infer<typeof column>

/**
 * An unquoted comma in a flow map, `{ usage: GAUGE, description: seen, or not }`, makes stray keys without a
 * value. They are the rest of the description and not a mistake in the definition.
 */
export const columnSchema = z.preprocess((given) => {
  if (typeof given !== 'object' || given === null || !('description' in given)) return given
  const entries = Object.entries(given)
  const stray = entries.filter(([key, value]) => value === null && !(key in column.shape))
  if (stray.length === 0) return given
  return {
    ...Object.fromEntries(entries.filter((entry) => !stray.includes(entry))),
    description: [given.description, ...stray.map(([key]) => key)].join(', '),
  }
}, column)

const predicate = z.strictObject({
  name: filled.optional(),
  predicate_query: query,
  ttl: count('seconds, 0 or more').optional(),
  grant: filled.optional(),
})

export const branchSchema = z.strictObject(
  {
    name: filled.optional(),
    desc: z.union([text, z.null()]).optional(),
    query,
    predicate_queries: z.array(predicate, { error: 'a list of predicates' }).optional(),
    tags: tags.optional(),
    ttl: count('seconds, 0 or more').optional(),
    timeout: z.number({ error: 'seconds' }).optional(),
    budget: count('milliseconds of server time per minute, 0 or more').optional(),
    priority: z.number({ error: 'a whole number' }).int({ error: 'a whole number' }).optional(),
    min_version: versionNumber.optional(),
    max_version: versionNumber.optional(),
    fatal: z.boolean({ error: 'true or false' }).optional(),
    skip: z.boolean({ error: 'true or false' }).optional(),
    metrics: z
      .array(z.record(z.string(), columnSchema, { error: 'a map of one column' }), {
        error: 'a list of columns',
      })
      .min(1, { error: 'at least one column' }),
  },
  {
    error: ({ code }) => (code === 'invalid_type' ? 'a map with at least query and metrics' : undefined),
  },
)

export type GivenBranch = z.infer<typeof branchSchema>
