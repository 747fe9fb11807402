import { z } from 'zod'

/** What undoing a change of settings needs, as JSON. */
export const notedChange = z.object({
  by: z.enum(['alter-system', 'keeper']),
  /** In the order in which they are changed; `before` null: there was none in the place that is changed. */
  changes: z.array(z.object({ name: z.string(), wrote: z.string(), before: z.json() })),
})
export type NotedChange = z.infer<typeof notedChange>
