import { printSetting } from '../../../../common/tuning/print-size.ts'
import { settingOf } from '../../recommend/situation.ts'
import { printCount, printSeconds } from '../print-count.ts'
import type { Rule, RuleDraft, RuleInput } from '../rule.ts'
import { nothing } from '../rule.ts'
import { constants } from './constants.ts'
import { holdersOf } from './is-held.ts'
import { vacuumMemory } from './vacuum-memory.ts'

interface Danger {
  /** Of the oldest row that is not frozen. */
  readonly age: number
  /** From where on autovacuum freezes whatever else there is. */
  readonly freezeAge: number
  /** Until nothing can be written, at the rate at which ids are used; undefined where that is not known. */
  readonly secondsLeft: number | undefined
  readonly of: 'transactions' | 'multixacts'
}

/** Ids run out sooner than runs against it bring rows up. Below autovacuum_freeze_max_age none has begun, however quickly they come. */
function dangersOf({ evidence, situation }: Pick<RuleInput, 'evidence' | 'situation'>): readonly Danger[] {
  const kinds = [
    ['transactions', 'wraparound.xid_age', 'wraparound.xids', 'autovacuum_freeze_max_age'],
    [
      'multixacts',
      'wraparound.multixact_age',
      'wraparound.multixacts',
      'autovacuum_multixact_freeze_max_age',
    ],
  ] as const
  return kinds.flatMap(([of, gauge, counter, setting]) => {
    const [age, freezeAge] = [evidence.last(gauge), settingOf(situation, setting)]
    if (age === undefined || freezeAge === undefined || age <= freezeAge) return []
    const rate = evidence.perSecond(counter) ?? 0
    const secondsLeft = rate > 0 ? (constants.endOfXids - age) / rate : undefined
    const isEmergency =
      age > constants.emergencyShare * freezeAge || (secondsLeft ?? Infinity) < constants.emergencySeconds
    return isEmergency ? [{ of, age, freezeAge, secondsLeft }] : []
  })
}

/** Whether everything else about vacuum has to wait. */
export function isEmergency(input: Pick<RuleInput, 'evidence' | 'situation'>): boolean {
  return !input.evidence.inRecovery && dangersOf(input).length > 0
}

/** Old rows are not frozen as quickly as ids are used. It ends by itself when they are younger than autovacuum_freeze_max_age again. */
export const wraparoundEmergency: Rule = {
  id: 'V5',
  what: 'rows that are not frozen before ids run out',
  advise(input) {
    const danger = input.evidence.inRecovery ? undefined : dangersOf(input)[0]
    if (danger === undefined) return nothing
    const isHeld = holdersOf(input).length > 0
    return { drafts: isHeld ? [] : draftsOf(input, danger), notes: [alarmOf(danger), ...whatIsOldest(input)] }
  },
}

function draftsOf(input: RuleInput, danger: Danger): readonly RuleDraft[] {
  const { situation } = input
  const why = {
    reason: `the oldest row is ${printCount(danger.age)} ${danger.of} old and freezing is forced from ${printCount(danger.freezeAge)} on`,
    evidence: 'pg_wraparound_xid_age, pg_wraparound_multixact_age',
    confidence: 'high',
  } as const
  const until = 'to be taken back when the oldest row is younger than that again'
  const drafts: RuleDraft[] = []
  if ((settingOf(situation, 'autovacuum_vacuum_cost_delay') ?? 0) > 0) {
    drafts.push({
      ...why,
      parameter: 'autovacuum_vacuum_cost_delay',
      proposed: '0',
      risk: `autovacuum takes all of the disk that it can; ${until}`,
      effect: 'old rows are frozen as quickly as the disk can',
    })
  }
  const workers = settingOf(situation, 'autovacuum_max_workers') ?? 0
  const slots = settingOf(situation, 'autovacuum_worker_slots') ?? 0
  const isReload = situation.server.settings.get('autovacuum_max_workers')?.context === 'sighup'
  const most = Math.min(2 * workers, slots)
  if (isReload && most > workers) {
    drafts.push({
      ...why,
      parameter: 'autovacuum_max_workers',
      proposed: String(most),
      risk: `each one may use autovacuum_work_mem; ${until}`,
      effect: 'more of the old tables are frozen at once',
      takesMemory: true,
    })
  }
  const memory = vacuumMemory(situation)
  if (memory !== undefined && memory.next > memory.now) {
    drafts.push({
      ...why,
      parameter: memory.parameter,
      proposed: printSetting(memory.next),
      risk: `${workers} processes may use it at once; ${until}`,
      effect: 'indexes are read less often in one run',
      takesMemory: true,
    })
  }
  return drafts
}

function alarmOf({ age, freezeAge, secondsLeft, of }: Danger): string {
  const level =
    age >= constants.failsafeAge
      ? 'VACUUM leaves indexes alone and no longer sleeps (vacuum_failsafe_age)'
      : age >= constants.alarmingAge
        ? 'half of what there is has been used'
        : 'runs against wraparound do not keep up'
  const left =
    secondsLeft === undefined ? '' : `; at this rate nothing can be written in ${printSeconds(secondsLeft)}`
  return `the oldest row is ${printCount(age)} ${of} old, which is ${(age / freezeAge).toFixed(1)} times the age from which on it is frozen: ${level}${left}`
}

function whatIsOldest({ details: { oldestTables } }: RuleInput): readonly string[] {
  if (oldestTables === undefined) return []
  const databases = oldestTables.databases.map(({ name, age }) => `${name} (${printCount(age)})`)
  const tables = oldestTables.tables.map(({ table, age }) => `${table} (${printCount(age)})`)
  return [`the oldest databases: ${databases.join(', ')}; the oldest tables here: ${tables.join(', ')}`]
}
