import { activeTables } from './active-tables.ts'
import { bitmapScans } from './bitmap-scans.ts'
import { horizonHolders } from './horizon-holders.ts'
import { oldestTables } from './oldest-tables.ts'
import { wideStatements } from './wide-statements.ts'
import type { Detail } from './detail.ts'
import { bufferUsage } from './buffer-usage.ts'
import { deadlocks } from './deadlocks.ts'
import { idleTransactions } from './idle-transactions.ts'
import { preparedTransactions } from './prepared-transactions.ts'
import { roleSettings } from './role-settings.ts'
import { removedWal } from './removed-wal.ts'
import { roleSessions } from './role-sessions.ts'
import { slots } from './slots.ts'
import { spillingStatements } from './spilling-statements.ts'
import { temporaryTableRoles } from './temporary-table-roles.ts'

/** What is asked at the moment of an advice, by the names that rules know it by; a line each. */
export const details = {
  bufferUsage,
  deadlocks,
  idleTransactions,
  preparedTransactions,
  removedWal,
  roleSessions,
  roleSettings,
  slots,
  spillingStatements,
  temporaryTableRoles,
  activeTables,
  bitmapScans,
  horizonHolders,
  oldestTables,
  wideStatements,
} satisfies Readonly<Record<string, Detail<unknown>>>

/** What was told; what is missing could not be. */
export type Details = {
  readonly [Name in keyof typeof details]?: (typeof details)[Name] extends Detail<infer T> ? T : never
}
