import type { GuardReading } from '../../../common/tuning/tune-change.ts'
import { watch } from './begin-watching.ts'
import { namesOf } from './change-record.ts'
import type { ChangeRecord } from './change-record.ts'
import { withServerOf } from './change-work.ts'
import type { ChangeWork } from './change-work.ts'
import { finish, setState, takeChangeBack } from './finish-change.ts'
import { guardLimits } from './guard/guard-limits.ts'
import type { GuardSample, GuardSpan } from './guard/guard-sample.ts'
import { judge } from './guard/judge.ts'
import { readSample } from './guard/read-sample.ts'
import { beginWatch, hasCrashed, lastOf, recentOf, withLook } from './guard/watch-memory.ts'
import { suspects } from './hand-changes.ts'
import { hashOfOthers } from './snapshot.ts'
import { isOrAre, tellNames } from './tell-names.ts'
import { valuesNow } from './values-now.ts'

/**
 * One look at a change that is watched, and what follows from it: nothing yet, that it stays, or that it is taken back.
 * @throws PgherdError while the server, or its keeper, does not answer
 */
export async function watchChange(
  work: ChangeWork,
  record: ChangeRecord,
  signal: AbortSignal,
): Promise<ChangeRecord> {
  const { clock, memories } = work
  const keys = Object.keys(record.baseline?.statements ?? {})
  const { sample, suspected } = await look(work, record, keys)
  const known = memories.get(record.id)?.last ?? record.sinceSample
  if (known === null || known.serverStartMs !== sample.serverStartMs)
    return restarted(work, record, sample, known !== null)
  if (known.inRecovery !== sample.inRecovery) {
    return finish(
      work,
      record,
      'kept',
      'the server was promoted or demoted since, so that nothing is compared',
    )
  }
  const before = memories.get(record.id) ?? beginWatch(known, 0)
  let memory = withLook(before, sample, clock.monotonic())
  if (suspected.length > 0) {
    const over = await leftAlone(work, record, signal)
    if (over !== undefined) return over
  }
  if (hasCrashed(before.last, sample)) return crashed(work, record, signal)
  if (isWarmingUp(record, clock.now())) {
    // What is seen of empty caches counts for nothing.
    memories.set(record.id, beginWatch(sample, clock.monotonic()))
    return record
  }
  const early = guardLimits.earlyBounds
  const recent = readingsOf(record, recentOf(memory), early)
  const isEnough = memory.total.looks >= guardLimits.fewestLooks
  const isWorse = isEnough && isAnyWorse(recent) && isAnyWorse(readingsOf(record, lastOf(memory), early))
  memory = { ...memory, worse: isWorse ? memory.worse + 1 : 0 }
  memories.set(record.id, memory)
  const isOver = clock.now() >= (record.untilMs ?? 0)
  if (memory.worse >= guardLimits.worseInARow) return tooMuch(work, record, recent, signal)
  // One that was worse just now may be so again.
  if (!isOver || memory.total.looks < guardLimits.fewestLooks || memory.worse > 0) {
    const seen = { ...record, readings: [...readingsOf(record, memory.total)] }
    work.journal.hold(seen)
    return seen
  }
  const whole = readingsOf(record, memory.total)
  if (isAnyWorse(whole)) return tooMuch(work, record, whole, signal)
  return stays(work, { ...record, readings: [...whole] }, memory.total, signal)
}

async function look(
  work: ChangeWork,
  record: ChangeRecord,
  keys: readonly string[],
): Promise<{ readonly sample: GuardSample; readonly suspected: readonly string[] }> {
  await using session = await work.openLook(record.server)
  const sample = await readSample(session, work.clock.now(), keys)
  return { sample, suspected: await suspects(session, record) }
}

function readingsOf(
  { baseline, usual, guard }: ChangeRecord,
  since: GuardSpan,
  bounds = 1,
): readonly GuardReading[] {
  return baseline === null ? [] : judge(baseline, since, bounds * guard.bound, { usual })
}

const isAnyWorse = (readings: readonly GuardReading[]): boolean => readings.some(({ isWorse }) => isWorse)

/** After a restart, which the window then begins with. */
function isWarmingUp({ sinceSample, guard }: ChangeRecord, nowMs: number): boolean {
  if (sinceSample === null) return false
  const ageMs = sinceSample.atMs - sinceSample.serverStartMs
  const neededMs = Math.min(guardLimits.warmUpMs, guard.windowMs / 3)
  return ageMs < neededMs && nowMs < sinceSample.atMs + neededMs
}

/** With a new server what was counted is gone, and what waited for a restart is in effect: the window begins anew. */
async function restarted(
  work: ChangeWork,
  record: ChangeRecord,
  sample: GuardSample,
  isNew: boolean,
): Promise<ChangeRecord> {
  if (isNew) return watch(work, record, 'the server was started anew')
  work.memories.set(record.id, beginWatch(sample, work.clock.monotonic()))
  return setState(work, record, { sinceSample: sample, serverStartMs: sample.serverStartMs })
}

/** Undefined where part of it is still as it was written. */
async function leftAlone(
  work: ChangeWork,
  record: ChangeRecord,
  signal: AbortSignal,
): Promise<ChangeRecord | undefined> {
  const values = await withServerOf(work, record, signal, (tuned) => valuesNow(tuned, record))
  if (values.some(({ state }) => state !== 'change')) return undefined
  const names = namesOf(record)
  return finish(
    work,
    record,
    'left-alone',
    `${tellNames(names)} ${isOrAre(names)} no longer as the change wrote ${names.length === 1 ? 'it' : 'them'}: somebody else has changed ${names.length === 1 ? 'it' : 'them'}, and that stays`,
  )
}

function crashed(work: ChangeWork, record: ChangeRecord, signal: AbortSignal): Promise<ChangeRecord> {
  const why =
    'a process of the server crashed or was killed since the change, and the server started all of them anew'
  return withServerOf(work, record, signal, (tuned) => takeChangeBack(work, tuned, record, why))
}

async function tooMuch(
  work: ChangeWork,
  record: ChangeRecord,
  readings: readonly GuardReading[],
  signal: AbortSignal,
): Promise<ChangeRecord> {
  const worse = readings.filter(({ isWorse }) => isWorse)
  const why = `the server does worse since: ${worse.map(tellReading).join('; ')}`
  const told = { ...record, readings: [...readings] }
  return withServerOf(work, record, signal, (tuned) => takeChangeBack(work, tuned, told, why))
}

/** Such as `mean latency of 3 statements 12.4 ms (2.1 ms before, at most 2.52 ms)`. */
function tellReading({ what, unit, before, after, limit }: GuardReading): string {
  const show = (value: number | null): string =>
    value === null ? 'unknown' : `${Number(value.toPrecision(3))}${unit === '' ? '' : ` ${unit}`}`
  const bound = limit !== null && before !== null && limit < before ? 'at least' : 'at most'
  return `${what} ${show(after)} (${show(before)} before, ${bound} ${show(limit)})`
}

async function stays(
  work: ChangeWork,
  record: ChangeRecord,
  total: GuardSpan,
  signal: AbortSignal,
): Promise<ChangeRecord> {
  const { values, hash } = await withServerOf(work, record, signal, async (tuned) => ({
    values: await valuesNow(tuned, record),
    hash: await hashOfOthers(tuned.session, namesOf(record)),
  }))
  const changed = values.filter(({ state }) => state === 'change').map(({ name }) => name)
  const staged = values.filter(({ state }) => state === 'staged').map(({ name }) => name)
  const remarks = [
    ...(total.counters['transactions'] === undefined || Object.keys(total.statements).length > 0
      ? []
      : ['no statement of before was run since, so that latency was not compared']),
    ...(changed.length > 0 ? [`${tellNames(changed)} was changed by somebody else meanwhile`] : []),
    ...(hash === record.othersHash ? [] : ['other settings of the server were changed meanwhile too']),
  ]
  const message = ['nothing that the guard looks at got worse beyond the bound', ...remarks].join('; ')
  if (staged.length === 0) return finish(work, record, 'kept', message)
  return setState(work, record, {
    state: 'waits-for-restart',
    untilMs: null,
    message: `${message}; ${tellNames(staged)} ${staged.length === 1 ? 'waits' : 'wait'} for a restart, and ${isOrAre(staged)} watched then`,
  })
}
