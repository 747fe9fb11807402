import { printAbout, printSetting } from '../../../../common/tuning/print-size.ts'
import { settingBytes } from '../../recommend/setting-bytes.ts'
import { isWarm } from '../is-warm.ts'
import { nothing } from '../rule.ts'
import type { Rule } from '../rule.ts'
import { constants } from './constants.ts'
import { roomWith } from './memory-with.ts'

const parameter = 'logical_decoding_work_mem'

/** A transaction is kept until it commits before a subscriber gets it; what does not fit into memory is written and read again. */
export const spiltDecoding: Rule = {
  id: 'M8',
  what: 'logical decoding that writes transactions to disk',
  advise(input) {
    const { evidence, situation } = input
    const perHour = (evidence.perSecond('decoding.spill_bytes') ?? 0) * 3600
    const now = settingBytes(situation, parameter)
    if (!isWarm(evidence) || now === undefined || perHour <= constants.decodingBytesPerHour) return nothing
    const transactions = evidence.increase('decoding.spill_txns') ?? 0
    const each = (evidence.increase('decoding.spill_bytes') ?? 0) / Math.max(1, transactions)
    const told = `logical decoding writes ${printAbout(perHour)} an hour to disk, of transactions of ${printAbout(each)} in the mean, with ${parameter} ${printSetting(now)}`
    const streaming = `subscriptions can get large transactions before they commit (streaming = ${situation.server.major >= 16 ? 'parallel' : 'on'})`
    const next = Math.min(now * constants.step, constants.decodingMostBytes)
    if (each >= constants.decodingMostBytes || next <= now) {
      return { drafts: [], notes: [`${told}: no memory holds them; ${streaming}`] }
    }
    const room = roomWith(input, { decodingWorkMem: next })
    if (!room.fits) return { drafts: [], notes: [`${told}: ${room.why}; ${streaming}`] }
    return {
      drafts: [
        {
          parameter,
          proposed: printSetting(next),
          reason: told,
          evidence: 'pg_stat_replication_slots.spill_bytes, spill_txns',
          risk: 'each process that decodes may take it; the memory budget holds with it',
          effect: 'transactions up to that size are decoded in memory',
          confidence: 'medium',
          takesMemory: true,
        },
      ],
      notes: [],
    }
  },
}
