import { z } from 'zod'

/** What agents tell of databases beside samples. The shape of each body is in the file of that name beside this one. */
export const insightTopics = [
  'statement-texts',
  'schema-changes',
  'index-evidence',
  'saved-index',
  'watchdog',
  'default-passwords',
] as const
export const insightTopic = z.enum(insightTopics)
export type InsightTopic = z.infer<typeof insightTopic>

/** Bytes of a body as JSON: with what is around it, it has to fit into a frame of the channel. */
export const maxInsightBody = 512 * 1024

/** One piece of what is known of a server, kept by its agent until the collector has stored it. */
export interface InsightReport {
  /** Given by the agent: a report that comes twice is one. */
  readonly id: string
  /** The ins label of the server that it is about, and its cls label. */
  readonly server: string
  readonly cluster: string
  readonly topic: InsightTopic
  /** Milliseconds since the epoch on the agent's clock. */
  readonly atMs: number
  readonly body: unknown
}

const id = z.string().min(1).max(64)

/** Agent to collector; again after a reconnect, until `insight-stored` has come. */
export const insightMessage = z.object({
  type: z.literal('insight'),
  report: z.object({
    id,
    server: z.string().min(1).max(128),
    cluster: z.string().min(1).max(128),
    // A newer agent may have more of them.
    topic: z.string().min(1).max(64),
    atMs: z.number(),
    body: z.unknown(),
  }),
})
export type ReceivedReport = z.infer<typeof insightMessage>['report']

/** Collector to agent: these need not be kept any longer. */
export const insightStoredMessage = z.object({
  type: z.literal('insight-stored'),
  ids: z.array(id).min(1).max(100),
})
