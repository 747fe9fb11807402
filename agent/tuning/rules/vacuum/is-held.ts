import type { HorizonHolder } from '../../details/horizon-holders.ts'
import { settingOf } from '../../recommend/situation.ts'
import type { RuleInput } from '../rule.ts'
import { constants } from './constants.ts'

type Input = Pick<RuleInput, 'evidence' | 'details' | 'situation'>

/**
 * Whose snapshots keep rows that VACUUM would else remove, so that no setting of vacuum helps until they are gone: very old ones, and those
 * that keep a good part of the rows because of which a table is to be vacuumed.
 */
export function holdersOf(input: Input): readonly HorizonHolder[] {
  return (input.details.horizonHolders ?? []).filter(
    (holder) => isOld(holder) || keepsDeadRows(holder, input),
  )
}

/** Whether it was held for most of the time, by whomever. */
export function wasHeld({ evidence }: Pick<Input, 'evidence'>): boolean {
  return (
    (evidence.mean('horizon.age') ?? 0) >= constants.horizonAge ||
    (evidence.mean('horizon.seconds') ?? 0) >= constants.horizonSeconds
  )
}

function isOld({ age, seconds }: HorizonHolder): boolean {
  return (
    age >= constants.horizonAge ||
    (age >= constants.horizonAgeWithSeconds && (seconds ?? 0) >= constants.horizonSeconds)
  )
}

/** A holder that is younger than a round of autovacuum has kept nothing from it. */
function keepsDeadRows({ ofAllTables, seconds, age }: HorizonHolder, input: Input): boolean {
  const { evidence, details, situation } = input
  const naptime = settingOf(situation, 'autovacuum_naptime') ?? 60
  const transactions = evidence.increase('wraparound.xids') ?? 0
  const all = details.activeTables?.updatedOrDeleted ?? 0
  if (!ofAllTables || (seconds !== null && seconds < naptime) || transactions === 0 || all === 0) return false
  const removed =
    (evidence.increase('database.tup_updated') ?? 0) + (evidence.increase('database.tup_deleted') ?? 0)
  const removedSince = (removed / transactions) * age
  return (details.activeTables?.tables ?? []).some(
    ({ deadRows, deadRowsAllowed, updatedOrDeleted }) =>
      deadRows > deadRowsAllowed &&
      (removedSince * updatedOrDeleted) / all >= constants.horizonShare * deadRows,
  )
}
