import { z } from 'zod'

/** One condition on a label, as Alertmanager's API v2 has it. Regular expressions are RE2 and anchored on both ends. */
export const labelMatcher = z.object({
  name: z.string().min(1).max(1_000),
  value: z.string().max(10_000),
  isRegex: z.boolean(),
  /** False for `!=` and `!~`. */
  isEqual: z.boolean().default(true),
})
export type LabelMatcher = z.infer<typeof labelMatcher>

const moment = z.iso.datetime({ offset: true })

/** POST /api/v2/silences (Alertmanager's OpenAPI: postableSilence). With an `id` it changes that silence. */
export const postableSilence = z.object({
  id: z.string().max(100).optional(),
  matchers: z.array(labelMatcher).min(1).max(100),
  startsAt: moment,
  endsAt: moment,
  createdBy: z.string().max(200),
  comment: z.string().max(4_000),
})
export type PostableSilence = z.infer<typeof postableSilence>

export const silenceState = z.enum(['active', 'pending', 'expired'])

/** A silence as GET /api/v2/silences shows it (gettableSilence); times are RFC 3339. */
export const silence = z.object({
  id: z.string(),
  status: z.object({ state: silenceState }),
  matchers: z.array(labelMatcher),
  startsAt: z.string(),
  endsAt: z.string(),
  updatedAt: z.string(),
  createdBy: z.string(),
  comment: z.string(),
})
export type Silence = z.infer<typeof silence>

/** GET /api/v2/silences answers with the list itself. */
export const silences = z.array(silence)

/** What POST answers. */
export const createdSilence = z.object({ silenceID: z.string() })
