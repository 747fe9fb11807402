import { z } from 'zod'

const texts = z.record(z.string(), z.string())

/** One alert of GET /api/v1/alerts and /api/v1/rules; times are RFC 3339. */
export const alertView = z.object({
  labels: texts,
  annotations: texts,
  state: z.enum(['pending', 'firing', 'inactive']),
  activeAt: z.string(),
  keepFiringSince: z.string().optional(),
  value: z.string(),
})
export type AlertView = z.infer<typeof alertView>

export const alertsAnswer = z.object({
  status: z.literal('success'),
  data: z.object({ alerts: z.array(alertView) }),
})

/** One rule of GET /api/v1/rules; durations are seconds. */
export const ruleView = z.object({
  type: z.enum(['alerting', 'recording']),
  name: z.string(),
  query: z.string(),
  health: z.enum(['ok', 'err', 'unknown']),
  lastError: z.string().optional(),
  evaluationTime: z.number(),
  lastEvaluation: z.string(),
  state: z.string().optional(),
  duration: z.number().optional(),
  keepFiringFor: z.number().optional(),
  labels: texts.optional(),
  /** Templates, not expanded. */
  annotations: texts.optional(),
  alerts: z.array(alertView).optional(),
})
export type RuleView = z.infer<typeof ruleView>

export const rulesAnswer = z.object({
  status: z.literal('success'),
  data: z.object({
    groups: z.array(
      z.object({ name: z.string(), file: z.string(), interval: z.number(), rules: z.array(ruleView) }),
    ),
  }),
})
