import type { Evidence } from '../../evidence/evidence.ts'

export interface CheckpointCounts {
  /** Because checkpoint_timeout had passed. */
  readonly due: number
  /** Before that: WAL was full, or somebody asked for one. */
  readonly requested: number
  readonly all: number
  /** Of all, 0 to 1; 0 of none. */
  readonly requestedShare: number
}

/** Checkpoints by what made them; undefined where nobody has counted them. */
export function checkpointCounts(evidence: Pick<Evidence, 'increase'>): CheckpointCounts | undefined {
  const due = evidence.increase('checkpoints.timed')
  const requested = evidence.increase('checkpoints.requested')
  if (due === undefined || requested === undefined) return undefined
  const all = due + requested
  return { due, requested, all, requestedShare: all === 0 ? 0 : requested / all }
}
