import { z } from 'zod'
import type { Log } from '../../../common/log.ts'
import { openRecordJournal } from '../../../common/record-journal.ts'
import type { RecordJournal } from '../../../common/record-journal.ts'
import { isOpen, ledgerRecord } from './ledger-record.ts'
import type { LedgerRecord } from './ledger-record.ts'

const content = z.object({ version: z.literal(1), records: z.array(ledgerRecord) })

/** What was done to the indexes of this host's servers, and what dropped ones were. */
export type IndexLedger = RecordJournal<LedgerRecord>

/** Of trials that are over, and of drops that came to nothing or were taken back. */
const keptOver = 200
/** Of indexes that are dropped. */
const keptDropped = 2_000

/** @param directory - exists, and nobody else uses it @throws PgherdError DIRECTORY_UNUSABLE */
export function openIndexLedger(directory: string, log: Log): Promise<IndexLedger> {
  return openRecordJournal({
    directory,
    log,
    part: 'indexes',
    lostOf: (server) => `what was done to indexes of ${server}`,
    parse: (text) => content.parse(text).records,
    print: (records) => ({ version: 1, records }),
    kept,
  })
}

/** The newest of those about which nothing is to be done any more. */
function kept(all: readonly LedgerRecord[]): readonly LedgerRecord[] {
  const oldest = (those: readonly LedgerRecord[], most: number): readonly LedgerRecord[] =>
    those.slice(0, Math.max(0, those.length - most))
  const gone = new Set([
    ...oldest(
      all.filter((one) => !isOpen(one) && one.state !== 'dropped'),
      keptOver,
    ),
    ...oldest(
      all.filter(({ state }) => state === 'dropped'),
      keptDropped,
    ),
  ])
  return all.filter((one) => !gone.has(one))
}
