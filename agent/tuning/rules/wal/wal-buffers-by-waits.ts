import { printAbout, printSetting } from '../../../../common/tuning/print-size.ts'
import type { Evidence } from '../../evidence/evidence.ts'
import { settingBytes } from '../../recommend/setting-bytes.ts'
import { isWarm } from '../is-warm.ts'
import { nothing } from '../rule.ts'
import type { Rule, RuleInput } from '../rule.ts'
import { constants } from './constants.ts'

const pageBytes = 8192

export const walBuffersByWaits: Rule = {
  id: 'W4',
  what: 'sessions that write WAL themselves, because its buffers are full',
  advise(input) {
    const { evidence } = input
    const counted = evidence.increase('wal.buffers_full') ?? 0
    const full = Math.max(0, Math.round(counted - emptyPages(evidence)))
    const records = evidence.increase('wal.records') ?? 0
    const peak = counted === 0 ? 0 : ((evidence.peakPerSecond('wal.buffers_full') ?? 0) * full) / counted
    if (!isWarm(evidence) || full < constants.events) return nothing
    const isOften = peak > constants.fullPerSecond || full > constants.fullOfRecords * records
    const next = nextSize(input)
    if (!isOften || next === undefined) return nothing

    const perThousand = records === 0 ? '' : `, at ${((1000 * full) / records).toFixed(1)} of 1000 records`
    const seen = `wal_buffers of ${printAbout(next.now)} were full ${full} times${perThousand} and ${peak.toFixed(1)} times per second at the peak`
    if (next.bytes > constants.walBuffersMostBytes) {
      return {
        drafts: [],
        notes: [
          `${seen}; more than ${printSetting(constants.walBuffersMostBytes)} do not help: WAL has to be written faster`,
        ],
      }
    }
    return {
      drafts: [
        {
          parameter: 'wal_buffers',
          proposed: next.setting,
          reason: next.isAutomatic ? `${seen}; automatic is ${printAbout(next.bytes)} here` : seen,
          evidence: 'rate(pg_wal_buffers_full[5m]), from pg_stat_wal.wal_buffers_full',
          risk: `none but ${printAbout(next.bytes - next.now)} of shared memory`,
          effect: 'a session that writes WAL does not wait for the disk in the middle of it',
          confidence: 'high',
          takesMemory: true,
        },
      ],
      notes: [],
    }
  },
}

/**
 * The rest of a segment that is left early (archive_timeout, pg_switch_wal) goes through the buffers as well, and fills them. It moves the
 * position and is no bytes of records.
 */
function emptyPages(evidence: Evidence): number {
  const position = evidence.increase('wal.position') ?? 0
  const bytes = evidence.increase('wal.bytes') ?? position
  return Math.max(0, position - bytes) / pageBytes
}

/** What is automatic where that is more; else twice as much. */
function nextSize({ situation }: RuleInput) {
  const now = settingBytes(situation, 'wal_buffers')
  const shared = settingBytes(situation, 'shared_buffers')
  // A running server shows what automatic came to.
  if (now === undefined || shared === undefined || now <= 0) return undefined
  const automatic = Math.min(
    shared * constants.walBuffersAutomaticShare,
    constants.walBuffersAutomaticMostBytes,
  )
  if (automatic > now) return { now, bytes: automatic, setting: '-1', isAutomatic: true }
  const bytes = now * constants.walBuffersStep
  return { now, bytes, setting: printSetting(bytes), isAutomatic: false }
}
