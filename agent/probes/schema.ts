import { z } from 'zod'
import { usages } from './definition.ts'

/** The schema of a branch, as people write it. Each rule says what is allowed, for the one-line messages. */

const count = (allowed: string): z.ZodType<number> => z.number({ error: allowed }).min(0, { error: allowed })

/**
 * YAML 1.1 readers take `090600` for text (9 is no octal digit) and 1.2 readers for a number; some files
 * quote it. All three mean server_version_num.
 */
const versionNumber = z
  .union([z.number().int().min(0), z.string().regex(/^\d{1,7}$/)], {
    error: 'a server_version_num such as 140000 or 090600',
  })
  .transform(Number)

const number = z
  .union([z.number(), z.string().regex(/^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i)], { error: 'a number' })
  .transform(Number)

const text = z.string({ error: 'text' })
const filled = z
  .string({ error: 'text that is not blank' })
  .refine((value) => value.trim() !== '', { error: 'text that is not blank' })

const column = z
  .strictObject({
    usage: z
      .string({ error: usages.join(', ') })
      .transform((usage) => usage.toUpperCase())
      .pipe(z.enum(usages, { error: usages.join(', ') })),
    rename: filled.optional(),
    description: z.union([text, z.null()]).optional(),
    default: z.union([number, z.null()]).optional(),
    scale: z.union([number, z.null()]).optional(),
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
  predicate_query: filled,
  ttl: count('seconds, 0 or more').optional(),
})

export const branchSchema = z.strictObject({
  name: filled.optional(),
  desc: z.union([text, z.null()]).optional(),
  query: filled,
  predicate_queries: z.array(predicate, { error: 'a list of predicates' }).optional(),
  tags: z
    .union([z.array(filled, { error: 'a list of tags' }), z.null()])
    .transform((tags) => tags ?? [])
    .optional(),
  ttl: count('seconds, 0 or more').optional(),
  timeout: z.number({ error: 'seconds' }).optional(),
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
})

export type GivenBranch = z.infer<typeof branchSchema>
