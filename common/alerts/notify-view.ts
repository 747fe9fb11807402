import { z } from 'zod'

/** How it goes with one who is told of alerts; times are milliseconds since the epoch. */
const target = z.object({
  /** Null until it was tried. */
  up: z.boolean().nullable(),
  lastSentMs: z.number().nullable(),
  /** What went wrong last, also where it has worked since. */
  lastError: z.string().nullable(),
  lastErrorMs: z.number().nullable(),
  /** Alerts (of an Alertmanager) or notifications (of others) that are not delivered yet. */
  waiting: z.number(),
})

/** GET /api/v1/notify: how alerts go out. */
export const notifyView = z.object({
  via: z.enum(['alertmanager', 'own', 'nobody']),
  /** Where silences are kept. */
  silences: z.enum(['alertmanager', 'own']),
  /** URLs are without paths and credentials, which may be secrets. */
  alertmanagers: z.array(target.extend({ url: z.string() })),
  webhooks: z.array(target.extend({ url: z.string() })),
  email: target.extend({ server: z.string(), from: z.string(), to: z.array(z.string()) }).nullable(),
})
export type NotifyView = z.infer<typeof notifyView>

export const notifyAnswer = z.object({ status: z.literal('success'), data: notifyView })
