import { printShare } from '../../../../common/tuning/print-size.ts'
import { settingOf } from '../../recommend/situation.ts'
import { isWarm } from '../is-warm.ts'
import { nothing } from '../rule.ts'
import type { Rule } from '../rule.ts'
import { constants } from './constants.ts'
import { walFlushes, walWaitShare } from './wal-flushes.ts'

export const commitDelayByFlushes: Rule = {
  id: 'W6',
  what: 'many commits that each wait for a flush of their own',
  advise({ evidence, situation }) {
    const commits = evidence.peakPerSecond('database.xact_commit')
    const writers = evidence.mean('activity.writing')
    const flushes = walFlushes(evidence)
    const waits = walWaitShare(evidence)
    const now = settingOf(situation, 'commit_delay')
    if (!isWarm(evidence) || commits === undefined || writers === undefined) return nothing
    if (flushes === undefined || waits === undefined || now === undefined) return nothing
    const isHelped =
      commits > constants.commitsPerSecond &&
      writers >= constants.commitWriters &&
      flushes.eachMs >= constants.commitFlushMs &&
      waits > constants.walWaitShare
    // One that somebody has set is theirs.
    if (!isHelped || now !== 0) return nothing
    const half = Math.round(flushes.eachMs * 1000 * constants.commitDelayOfFlush)
    const microseconds = Math.min(half, constants.commitDelayMostMicroseconds)
    return {
      drafts: [
        {
          parameter: 'commit_delay',
          proposed: String(microseconds),
          reason: `${Math.round(commits)} commits per second of ${writers.toFixed(1)} sessions that write, ${printShare(waits)} of the active ones wait for WAL, and a flush takes ${flushes.eachMs.toFixed(1)} ms: half of that, in microseconds`,
          evidence:
            'rate(pg_db_xact_commit[5m]), pg_stat_wal.wal_sync_time / wal_sync (pg_stat_io of object wal since 18), and wait events WALSync and WALWrite',
          risk: 'each commit takes up to so much longer while 5 others (commit_siblings) are in a transaction: take it back where the p95 of commits rises by more than 10 %',
          effect: 'one flush serves several commits',
          confidence: 'low',
        },
      ],
      notes: [],
    }
  },
}
