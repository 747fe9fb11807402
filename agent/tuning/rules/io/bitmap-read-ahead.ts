import { readLatency } from '../../evidence/read-latency.ts'
import { constants as baseline } from '../../recommend/constants.ts'
import { settingOf } from '../../recommend/situation.ts'
import { isWarm } from '../is-warm.ts'
import { printCount } from '../print-count.ts'
import type { Rule } from '../rule.ts'
import { nothing } from '../rule.ts'
import { constants } from './constants.ts'

/** Until 17 a bitmap heap scan is the only one that can have several reads under way. */
export const bitmapReadAhead: Rule = {
  id: 'I4',
  what: 'bitmap heap scans that wait for the disk one read after the other',
  advise({ evidence, situation, details }) {
    const now = settingOf(situation, 'effective_io_concurrency')
    const latency = readLatency(evidence)
    const scans = (details.bitmapScans ?? []).filter(({ rows }) => rows >= constants.bitmapRows)
    const next = baseline.ioConcurrency[situation.machine.diskClass]
    if (situation.server.major >= 18 || now === undefined || !isWarm(evidence)) return nothing
    if (latency === undefined || latency.ms <= constants.bitmapReadMs || scans.length === 0 || next <= now)
      return nothing
    const { table, rows } = scans[0]!
    return {
      drafts: [
        {
          parameter: 'effective_io_concurrency',
          proposed: String(next),
          reason: `a read takes ${latency.ms.toFixed(1)} ms, ${now} ${now === 1 ? 'is' : 'are'} begun ahead, and bitmaps gave ${printCount(rows)} rows of ${table}`,
          evidence: `${latency.from}; pg_stat_all_tables.idx_tup_fetch beyond that of its indexes`,
          risk: 'reads of others take longer',
          effect: 'bitmap heap scans wait less',
          confidence: situation.machine.diskClass === 'unknown' ? 'low' : 'medium',
        },
      ],
      notes: [],
    }
  },
}
