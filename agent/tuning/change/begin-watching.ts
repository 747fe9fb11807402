import { messageOf } from '../../../common/errors.ts'
import type { ChangeRecord } from './change-record.ts'
import type { ChangeWork } from './change-work.ts'
import { finish, setState } from './finish-change.ts'
import type { GuardSample } from './guard/guard-sample.ts'
import { readSample } from './guard/read-sample.ts'
import { beginWatch } from './guard/watch-memory.ts'
import { isOrAre, tellNames } from './tell-names.ts'
import type { ValueNow } from './values-now.ts'

/** Where a change goes once the server has taken it: it is watched, it waits for a restart, or it stays. */
export async function goOn(
  work: ChangeWork,
  record: ChangeRecord,
  values: readonly Pick<ValueNow, 'name' | 'state'>[],
): Promise<ChangeRecord> {
  const staged = values.filter(({ state }) => state === 'staged').map(({ name }) => name)
  const isAnyNow = values.some(({ state }) => state === 'as-wanted')
  const waits = `${tellNames(staged)} ${isOrAre(staged)} written and ${staged.length === 1 ? 'waits' : 'wait'} for a restart`
  if (isAnyNow && record.baseline !== null && record.guard.windowMs > 0) {
    return watch(work, record, `the server has taken it${staged.length === 0 ? '' : `; ${waits}`}`)
  }
  if (staged.length > 0) return setState(work, record, { state: 'waits-for-restart', message: waits })
  return finish(work, record, 'kept', 'the server has taken it; nobody watches it')
}

/** Begins a window now. @param said - half a sentence. Without a look at the server it begins with the first one. */
export async function watch(work: ChangeWork, record: ChangeRecord, said: string): Promise<ChangeRecord> {
  const { clock, log, memories } = work
  const untilMs = clock.now() + record.guard.windowMs
  let sinceSample: GuardSample | null = null
  try {
    await using session = await work.openLook(record.server)
    sinceSample = await readSample(session, clock.now(), Object.keys(record.baseline?.statements ?? {}))
    memories.set(record.id, beginWatch(sinceSample, clock.monotonic()))
  } catch (error) {
    memories.delete(record.id)
    log.warn(
      { server: record.server, change: record.id, error: messageOf(error) },
      'tuning: not looked at yet',
    )
  }
  const message = `${said}; its guard decides at ${new Date(untilMs).toISOString().slice(0, 19)}Z`
  const serverStartMs = sinceSample?.serverStartMs ?? record.serverStartMs
  return setState(work, record, {
    state: 'watching',
    message,
    untilMs,
    sinceSample,
    serverStartMs,
    readings: [],
  })
}
