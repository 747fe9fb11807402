import { settingOf } from '../../recommend/situation.ts'
import { isWarm } from '../is-warm.ts'
import type { Rule, RuleDraft } from '../rule.ts'
import { nothing } from '../rule.ts'
import { constants } from './constants.ts'

const kinds = [
  ['effective_io_concurrency', 'io.bulk_reads', 'io.bulk_read_ms', 'scans of large tables'],
  ['maintenance_io_concurrency', 'io.vacuum_reads', 'io.vacuum_read_ms', 'VACUUM'],
] as const

/** Scans wait for a disk that could do more at once (18, where all scans read ahead). */
export const readAhead: Rule = {
  id: 'I3',
  what: 'large scans that wait for a disk with few requests at once',
  advise({ evidence, situation }) {
    const queue = evidence.mean('host.disk_queue')
    if (situation.server.major < 18 || queue === undefined || queue >= constants.shallowQueue) return nothing
    if (!isWarm(evidence)) return nothing
    const most = settingOf(situation, 'io_max_concurrency') ?? 64
    const drafts = kinds.flatMap(([parameter, counter, time, who]): readonly RuleDraft[] => {
      const now = settingOf(situation, parameter) ?? 0
      const reads = evidence.increase(counter) ?? 0
      const ms = (evidence.increase(time) ?? 0) / Math.max(1, reads)
      const next = Math.min(now * constants.readAheadStep, most)
      if (reads < constants.bulkReads || ms <= constants.slowReadMs || next <= now) return []
      return [
        {
          parameter,
          proposed: String(next),
          reason: `${who} waited ${ms.toFixed(1)} ms for each read while the disk had ${queue.toFixed(1)} requests at once`,
          evidence: 'pg_io_read_time / pg_io_reads by context, node_disk_io_time_weighted_seconds_total',
          risk: 'reads of others take longer; to be taken back where they take a fifth longer',
          effect: `up to ${next} reads of one scan are under way at once`,
          confidence: 'medium',
        },
      ]
    })
    return { drafts, notes: [] }
  },
}
