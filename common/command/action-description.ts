import { z } from 'zod'

/** What an agent says of an action it has, so that agentctl can help with actions newer than itself. */
export const actionDescription = z.object({
  kind: z.string().max(64),
  /** One line. */
  what: z.string().max(200),
  /** `read` changes nothing; `destructive` ends sessions or stops traffic, and is confirmed by the target's name. */
  risk: z.enum(['read', 'change', 'destructive']),
  target: z.enum(['node', 'server', 'pooler']),
  /** JSON Schema of the arguments, written by zod. */
  args: z.record(z.string(), z.unknown()),
  /** Of `deadline_ms`, unless told. */
  deadlineMs: z.number(),
  examples: z.array(z.string().max(200)).max(8),
})
export type ActionDescription = z.infer<typeof actionDescription>
export const actionsAnswer = z.object({ status: z.literal('success'), data: z.array(actionDescription) })
