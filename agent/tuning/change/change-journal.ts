import { z } from 'zod'
import type { Log } from '../../../common/log.ts'
import { openRecordJournal } from '../../../common/record-journal.ts'
import type { RecordJournal } from '../../../common/record-journal.ts'
import { changeRecord, isOpen } from './change-record.ts'
import type { ChangeRecord } from './change-record.ts'

const content = z.object({ version: z.literal(1), changes: z.array(changeRecord) })

/** The changes of settings of this host's servers. */
export type ChangeJournal = RecordJournal<ChangeRecord>

/** Of those that are over; tuning.md 5.4 (7) wants 20 at least. */
const keptChanges = 50

/** @throws PgherdError DIRECTORY_UNUSABLE */
export function openChangeJournal(directory: string, log: Log): Promise<ChangeJournal> {
  return openRecordJournal({
    directory,
    log,
    part: 'tuning',
    lostOf: (server) => `what was changed on ${server}`,
    parse: (text) => content.parse(text).changes,
    print: (changes) => ({ version: 1, changes }),
    kept,
  })
}

function kept(all: readonly ChangeRecord[]): readonly ChangeRecord[] {
  const over = all.filter((one) => !isOpen(one))
  const gone = new Set(over.slice(0, Math.max(0, over.length - keptChanges)).map(({ id }) => id))
  return all.filter(({ id }) => !gone.has(id)).map(lean)
}

/** What was measured is not needed any more once it is decided. */
function lean(record: ChangeRecord): ChangeRecord {
  return isOpen(record) ? record : { ...record, baseline: null, sinceSample: null }
}
