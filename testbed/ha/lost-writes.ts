import type { Member } from './member.ts'
import type { Writer } from './writer.ts'

export interface WriteCheck {
  readonly acknowledged: number
  readonly present: number
  /** Acknowledged, and not there: what a failover must not do. */
  readonly lost: readonly number[]
  /** There although never acknowledged: the client had to take the outcome as unknown. */
  readonly unknown: number
}

/** Compares what a writer was told with what a member has. The writer has to be stopped for `unknown` to be exact. */
export async function checkWrites(writer: Writer, member: Member): Promise<WriteCheck> {
  // Read first: what is acknowledged after the query is not missing.
  const acknowledged = writer.acknowledgements().map((one) => one.id)
  const rows = await member.query<{ id: string }>(`select id from ${writer.table}`)
  const present = new Set(rows.map((row) => Number(row.id)))
  const known = new Set(acknowledged)
  return {
    acknowledged: acknowledged.length,
    present: present.size,
    lost: acknowledged.filter((id) => !present.has(id)),
    unknown: [...present].filter((id) => !known.has(id)).length,
  }
}
