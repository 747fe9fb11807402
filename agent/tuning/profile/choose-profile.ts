import { printShare } from '../../../common/tuning/print-size.ts'
import type { Evidence } from '../evidence/evidence.ts'
import type { Profile } from '../recommend/machine.ts'
import { profileConstants as constants } from './constants.ts'
import { loadShapeOf } from './load-shape.ts'
import type { LoadShape } from './load-shape.ts'

export interface ChosenProfile {
  /** Never `crit` or `tiny`, which are what somebody wants and not what a server does. */
  readonly profile: Extract<Profile, 'oltp' | 'olap' | 'mixed'>
  /** One sentence with the figures. */
  readonly reason: string
}

/** What a server is for, by what it did. Without a day of history, or with next to no load, nobody can know, and it is `mixed`. */
export function chooseProfile(evidence: Evidence | undefined): ChosenProfile {
  if (evidence === undefined) return { profile: 'mixed', reason: 'there is no history of its load yet' }
  const shape = loadShapeOf(evidence)
  if (shape.hours < constants.leastHours) {
    const reason = `${printHours(shape.hours)} of history are less than the ${constants.leastHours} h that a choice takes`
    return { profile: 'mixed', reason }
  }
  const isIdle =
    shape.transactions < constants.leastTransactions &&
    (shape.executionSeconds ?? 0) < constants.leastExecutionSeconds
  if (isIdle) {
    const reason = `${Math.round(shape.transactions)} transactions in ${printHours(shape.hours)} say nothing about what the server is for`
    return { profile: 'mixed', reason }
  }
  return shape.slowShare === undefined ? byReads(shape) : byStatements(shape, shape.slowShare)
}

function byStatements(shape: LoadShape, slowShare: number): ChosenProfile {
  const slow = `${printShare(slowShare)} of the time is spent in statements that take more than a second`
  const figures = `${slow}, ${rateOf(shape)}${writesOf(shape)} (${printHours(shape.hours)} of history)`
  if (slowShare > constants.slowShareOlap) {
    return shape.transactionsPerSecond < constants.mostTransactionsPerSecondOlap
      ? { profile: 'olap', reason: `large queries: ${figures}` }
      : { profile: 'mixed', reason: `large queries beside many transactions: ${figures}` }
  }
  if (slowShare < constants.slowShareOltp) {
    const isWriting = (shape.writtenShare ?? 0) > constants.writtenShare
    return {
      profile: 'oltp',
      reason: `short transactions, ${isWriting ? 'which write' : 'mostly reads'}: ${figures}`,
    }
  }
  return { profile: 'mixed', reason: `short and long statements: ${figures}` }
}

/** Without pg_stat_statements only the extremes can be told. */
function byReads(shape: LoadShape): ChosenProfile {
  const { scannedShare, transactionsPerSecond, hours } = shape
  if (scannedShare === undefined) {
    return {
      profile: 'mixed',
      reason: `nothing tells how long its statements take; pg_stat_statements would (${printHours(hours)} of history)`,
    }
  }
  const figures = `${printShare(scannedShare)} of what is read comes from scans of whole tables, ${rateOf(shape)}${writesOf(shape)} (${printHours(hours)} of history, without pg_stat_statements)`
  const isFew = transactionsPerSecond < constants.mostTransactionsPerSecondOlap
  if (scannedShare > constants.scannedShareOlap && isFew)
    return { profile: 'olap', reason: `large scans: ${figures}` }
  if (scannedShare < constants.scannedShareOltp && !isFew)
    return { profile: 'oltp', reason: `short transactions: ${figures}` }
  return { profile: 'mixed', reason: `nothing clear: ${figures}` }
}

function rateOf({ transactionsPerSecond }: LoadShape): string {
  const rate = transactionsPerSecond
  return `at ${rate < 10 ? Number(rate.toFixed(1)) : Math.round(rate)} transactions per second`
}

function writesOf({ writtenShare }: LoadShape): string {
  return writtenShare === undefined
    ? ''
    : `, and ${printShare(writtenShare)} of the rows that are touched by an index or written are written`
}

/** Down, so that what is less than a day never reads as one. */
function printHours(hours: number): string {
  return `${hours < 100 ? Math.floor(hours * 10) / 10 : Math.floor(hours)} h`
}
