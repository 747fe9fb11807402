import type { SavedIndexReport } from '../../../common/insight/saved-index.ts'
import type { IndexLedger } from './ledger.ts'
import type { LedgerRecord } from './ledger-record.ts'

/** Has the collector keep what a dropped index was. Never throws or waits. */
export type TellSaved = (server: string, report: SavedIndexReport) => void

/** The same ledger; what it gets of drops is told, too, once it is on this host's disk. */
export function tellingLedger(ledger: IndexLedger, tell: TellSaved): IndexLedger {
  const tellOf = (record: LedgerRecord): void => {
    if (record.kind !== 'drop') return
    const { id, server, state, startedMs, message, index } = record
    tell(server, { id, state, startedMs, message, index })
  }
  return {
    get servers() {
      return ledger.servers
    },
    of: (server) => ledger.of(server),
    hold: (record) => ledger.hold(record),
    async put(record) {
      await ledger.put(record)
      tellOf(record)
    },
    async note(record) {
      await ledger.note(record)
      tellOf(record)
    },
  }
}
