import { printShare } from '../../../../common/tuning/print-size.ts'
import { settingOf } from '../../recommend/situation.ts'
import { isWarm } from '../is-warm.ts'
import { nothing } from '../rule.ts'
import type { Rule } from '../rule.ts'
import { constants } from './constants.ts'
import { walFlushes, walWaitShare } from './wal-flushes.ts'

export const slowWalFlushes: Rule = {
  id: 'W5',
  what: 'commits that wait for WAL to be flushed',
  advise({ evidence, situation }) {
    if (!isWarm(evidence)) return nothing
    const flushes = walFlushes(evidence)
    const waits = walWaitShare(evidence)
    const limitMs = constants.flushMs[situation.machine.diskClass]
    const areSlow = flushes !== undefined && flushes.eachMs > limitMs
    // Also where nobody measures how long they take.
    const areMany = (evidence.increase('wal.syncs') ?? 0) >= constants.events
    const isQuick = flushes !== undefined && flushes.eachMs < constants.commitFlushMs
    const isWaiting = waits !== undefined && waits > constants.walWaitShare && areMany && !isQuick
    if (!areSlow && !isWaiting) return nothing
    const seen = [
      ...(flushes === undefined
        ? []
        : [
            `a flush of WAL takes ${flushes.eachMs.toFixed(1)} ms (${flushes.count} of them; ${limitMs} are usual at most)`,
          ]),
      ...(waits === undefined ? [] : [`${printShare(waits)} of the active sessions wait for WAL`]),
    ].join(', and ')
    const lostMs = constants.walWriterDelays * (settingOf(situation, 'wal_writer_delay') ?? 200)
    return {
      drafts: [],
      notes: [
        `${seen} (pg_stat_wal, or pg_stat_io of object wal since 18): no setting makes a disk faster; pg_wal on a device of its own does, and a write cache that survives a loss of power. A role whose last ${lostMs} ms may be lost in a crash can have synchronous_commit = off, which is its owner's decision`,
      ],
    }
  },
}
