import { applicationName } from './connection.ts'
import type { Connection } from './connection.ts'
import type { ConnectionSlots } from './connection-slots.ts'

/** A connection that measures and is open in that database: to lend for a moment, in place of one more. */
export function measuringConnection(slots: ConnectionSlots, database: string): Connection | undefined {
  for (const { connection } of slots) {
    if (connection?.isOpen !== true || connection.applicationName !== applicationName) continue
    if (connection.database === database) return connection
  }
  return undefined
}
