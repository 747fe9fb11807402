import { printShare } from '../../../../common/tuning/print-size.ts'
import type { Rule } from '../rule.ts'
import { constants } from './constants.ts'
import { waitShare } from './wait-share.ts'

const diagnoses = [
  [
    'wait_sync_rep',
    'IPC:SyncRep',
    'commits wait for a standby, for its network or its disk; synchronous_commit = remote_write would wait for less, and whether a transaction may be lost when both machines fail is not for pgherd to decide',
  ],
  [
    'wait_proc_array',
    'LWLock:ProcArray',
    'snapshots are taken by too many sessions at once: fewer connections, by a pooler, are what helps',
  ],
  [
    'wait_xid_gen',
    'LWLock:XidGen',
    'transactions get their numbers one after the other: fewer and larger ones, and fewer savepoints, are what helps',
  ],
  [
    'wait_wal_insert',
    'LWLock:WALInsert',
    'many sessions write WAL at once: fewer indexes, rows that are written together (COPY, several rows in one INSERT) and a pooler are what helps',
  ],
  [
    'wait_buffer_mapping',
    'LWLock:BufferMapping',
    'pages are exchanged all the time: larger shared_buffers, or statements that read less, are what helps',
  ],
] as const

/** What many sessions wait for at once, and no setting of its own can help. */
export const commonWaits: Rule = {
  id: 'C9',
  what: 'what sessions at work wait for',
  advise({ evidence }) {
    return {
      drafts: [],
      notes: diagnoses.flatMap(([gauge, event, diagnosis]) => {
        const share = waitShare(evidence, gauge) ?? 0
        return share > constants.waitShare
          ? [`${printShare(share)} of the sessions at work wait for ${event}: ${diagnosis}`]
          : []
      }),
    }
  },
}
