import { printAbout, printShare } from '../../../../common/tuning/print-size.ts'
import type { SpillingStatement } from '../../details/spilling-statements.ts'
import { isWarm } from '../is-warm.ts'
import { nothing } from '../rule.ts'
import type { Rule } from '../rule.ts'
import { constants } from './constants.ts'
import { spillKind } from './spill-kind.ts'
import { spillOf } from './spill.ts'
import { filesOfFew } from './temp-files-of-few.ts'
import { filesOfIndexes } from './temp-files-of-indexes.ts'
import { filesOfMany } from './temp-files-of-many.ts'

/**
 * What to do about sorts and hashes that do not fit into memory depends on whose they are: few statements get their own memory, or another
 * text, and only what comes from many is worth more of it for everybody.
 */
export const tempFiles: Rule = {
  id: 'M1',
  what: 'sorts and hashes that go to temporary files',
  advise(input) {
    const { evidence, details } = input
    const spill = isWarm(evidence) ? spillOf(evidence) : undefined
    if (spill === undefined) return nothing
    const listed = details.spillingStatements
    if (listed === undefined || listed.bytes === 0) {
      return {
        drafts: [],
        notes: [
          `${spill.told}; which statements write them only pg_stat_statements tells, or log_temp_files, and that decides whether work_mem should be larger for everybody`,
        ],
      }
    }
    const ofKind = (isIndex: boolean): readonly SpillingStatement[] =>
      listed.statements.filter(({ text }) => (spillKind(text) === 'index') === isIndex)
    const indexes = ofKind(true)
    const others = ofKind(false)
    const indexBytes = bytesOf(indexes)
    if (indexBytes > listed.bytes * constants.mostShare) return filesOfIndexes(input, spill, indexes)
    const few = others.slice(0, fewest(others, listed.bytes - indexBytes))
    return few.length <= constants.fewStatements && few.length > 0
      ? filesOfFew(input, spill, few, shareOf(few, listed.bytes - indexBytes))
      : filesOfMany(input, spill, others)
  },
}

const bytesOf = (statements: readonly SpillingStatement[]): number =>
  statements.reduce((sum, { bytes }) => sum + bytes, 0)

const shareOf = (statements: readonly SpillingStatement[], all: number): string =>
  `${printShare(bytesOf(statements) / all)} of ${printAbout(all)}`

/** How many of the first it takes to have most of it. */
function fewest(statements: readonly SpillingStatement[], all: number): number {
  let sum = 0
  for (const [i, { bytes }] of statements.entries()) {
    sum += bytes
    if (sum >= all * constants.fewShare) return i + 1
  }
  return Infinity
}
