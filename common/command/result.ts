import { z } from 'zod'

/** How a command ended on the agent. `unknown`: the agent stopped while it ran, and nobody can tell. */
export const commandOutcome = z.enum([
  'done',
  'failed',
  'refused',
  'unsupported',
  'timed_out',
  'cancelled',
  'unknown',
])
export type CommandOutcome = z.infer<typeof commandOutcome>

/** A table for a person, a value for a program, or text: what an action shows. */
export const actionOutput = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('table'),
    title: z.string(),
    columns: z.array(z.object({ name: z.string(), align: z.enum(['left', 'right']) })),
    rows: z.array(z.array(z.string().nullable())),
    truncated: z.boolean(),
  }),
  z.object({ type: z.literal('facts'), title: z.string(), facts: z.record(z.string(), z.unknown()) }),
  z.object({ type: z.literal('text'), title: z.string(), lines: z.array(z.string()) }),
])
export type ActionOutput = z.infer<typeof actionOutput>

export const commandResult = z.object({
  outcome: commandOutcome,
  /** One sentence for a person. */
  message: z.string().max(4_000),
  /** The plan in mode `plan`; what was done and how it was checked in mode `run`. */
  steps: z.array(z.string().max(2_000)).max(200),
  output: z.array(actionOutput).max(16),
  startedMs: z.number().nullable(),
  finishedMs: z.number(),
  /** SHA-256 of the canonical JSON of the rest, as in both audits. */
  digest: z.string().regex(/^[0-9a-f]{64}$/),
})
export type CommandResult = z.infer<typeof commandResult>

/** Bytes of one result as JSON; longer output is cut and says so. */
export const maxResultBytes = 512 * 1024
