import { z } from 'zod'
import { commandState } from '../../common/command/command-view.ts'

/** What the collector needs of a command while it is under way; its text is in the store only. */
export const storedCommand = z
  .object({
    id: z.string(),
    node: z.string(),
    kind: z.string(),
    state: commandState,
    version: z.number(),
    signatures_needed: z.number(),
    requested_by: z.string(),
    queued_ms: z.number(),
    expires_ms: z.number(),
    deadline_ms: z.number(),
    delivered_ms: z.number().nullable(),
    started_ms: z.number().nullable(),
    finished_ms: z.number().nullable(),
  })
  .transform((row) => ({
    id: row.id,
    node: row.node,
    kind: row.kind,
    state: row.state,
    version: row.version,
    signaturesNeeded: row.signatures_needed,
    requestedBy: row.requested_by,
    queuedMs: row.queued_ms,
    expiresMs: row.expires_ms,
    deadlineMs: row.deadline_ms,
    deliveredMs: row.delivered_ms,
    startedMs: row.started_ms,
    finishedMs: row.finished_ms,
  }))
export type StoredCommand = z.infer<typeof storedCommand>
