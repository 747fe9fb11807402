import type { Detail } from './detail.ts'
import { walPosition } from '../observe/views/wal-position.ts'

export interface Slot {
  readonly name: string
  readonly kind: 'physical' | 'logical'
  readonly isActive: boolean
  readonly isTemporary: boolean
  /** WAL that it keeps; null where it keeps none, or has lost it. */
  readonly keptBytes: number | null
  /** Since 17. */
  readonly inactiveSeconds: number | null
}

const readMs = 5_000

/** Those that keep the most first. */
export const slots: Detail<readonly Slot[]> = {
  name: 'slots',
  async read(session, { versionNumber }) {
    const inactive =
      versionNumber < 170_000 ? 'null' : 'extract(epoch from clock_timestamp() - inactive_since)'
    const { rows } = await session.read(
      {
        text: `
select slot_name, slot_type, active, temporary, here.lsn - restart_lsn, ${inactive}
  from pg_replication_slots
 cross join (select ${walPosition} as lsn) as here
 order by 5 desc nulls last
 limit 50`,
      },
      readMs,
    )
    return rows.map(([name, kind, active, temporary, kept, seconds]) => ({
      name: name ?? '',
      kind: kind === 'logical' ? 'logical' : 'physical',
      isActive: active === 't',
      isTemporary: temporary === 't',
      keptBytes: kept == null ? null : Number(kept),
      inactiveSeconds: seconds == null ? null : Number(seconds),
    }))
  },
}
