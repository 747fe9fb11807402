import type { BackupPolicy } from '../../../common/backup/backup-policy.ts'
import type { BackupOperation, BackupRun } from '../../../common/backup/backup-run.ts'
import type { Clock } from '../../../common/clock.ts'
import { messageOf } from '../../../common/errors.ts'
import type { InstanceHealth } from '../../../common/health/instance-health.ts'
import type { Log } from '../../../common/log.ts'
import { BackupFailure } from '../backup-failure.ts'
import { hasLostRole } from './choose-runner.ts'
import { retry } from './retry.ts'
import type { Leftover, RunJournal } from './run-journal.ts'
import { nothingDone } from './work.ts'
import type { Work, WorkDone } from './work.ts'

export interface RunAsked {
  readonly id: string
  readonly cluster: string
  readonly node: string
  readonly operation: BackupOperation
  readonly askedBy: string
  readonly slotMs: number | null
  readonly repository: number | null
}

export interface PerformOptions {
  readonly retry: BackupPolicy['retry']
  readonly journal: RunJournal
  /** Undefined where the role does not matter. */
  readonly health: (() => InstanceHealth | undefined) | undefined
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
  /** Aborts, beside the other, when the agent stops: the slot stays open for its next start. */
  readonly stopping: AbortSignal
  readonly progress: (percent: number | null, text: string, bytesPerSecond: number | null) => void
  /** Of a run that answers a moment of the schedule, which another member may answer too. */
  readonly slot?: SharedSlot
  readonly random?: () => number
}

export interface SharedSlot {
  /** Looks whether it was answered meanwhile, by a backup that began before a moment; half a sentence about by what. */
  answered(beforeMs: number): Promise<string | undefined>
  /** Nothing is tried again later. A backup of another member is waited for as long: should it fail, the slot is to be answered. */
  readonly closesMs: number
}

type Ended = WorkDone | { readonly elsewhere: string }

const lookAtRoleMs = 1_000
/** Another member's backup is listed some time after its lock is free: it waits for its last segment. */
const lookAtSlotMs = 2_000
const looksAtSlot = 150

/**
 * One run from its first record to its last: with retries, ended when the server's role changes under it. Never rejects for what
 * fails in the run. @throws PgherdError when the journal cannot be written at its start; then nothing was done
 */
export async function performRun(asked: RunAsked, work: Work, options: PerformOptions): Promise<BackupRun> {
  const { journal, clock, log, signal } = options
  let run: BackupRun = {
    ...nothingDone,
    ...asked,
    startedMs: clock.now(),
    finishedMs: null,
    outcome: 'running',
    problem: null,
    message: '',
    attempts: 1,
  }
  await journal.put(run)
  using watch = watchRole(options)
  const inside = AbortSignal.any([signal, watch.signal])
  const end = async (ended: Partial<BackupRun>): Promise<BackupRun> => {
    run = { ...run, ...ended, finishedMs: clock.now() }
    // A full disk must not make a good backup look like one that was interrupted: it is told and kept in memory.
    await journal.put(run).catch((error: unknown) => {
      log.error({ run: run.id }, `backup: the end of a run cannot be written down: ${messageOf(error)}`)
    })
    return run
  }
  const note = (left: Leftover): Promise<void> => journal.note(asked.id, left)
  try {
    let lockedMs: number | undefined
    const once = async (attempt: number): Promise<Ended> => {
      run = { ...run, attempts: attempt }
      const elsewhere =
        attempt === 1 ? undefined : await options.slot?.answered(Infinity).catch(() => undefined)
      if (elsewhere !== undefined) return { elsewhere }
      const { repository } = asked
      using slot = watchSlot(options, lockedMs)
      const working = work({
        signal: AbortSignal.any([inside, slot.signal]),
        progress: options.progress,
        note,
        onStarted: (started) => note({ kind: 'process', ...started }),
        ...(repository === null ? {} : { repository }),
      })
      return await working.catch((error: unknown): Ended => {
        const made = slot.found()
        if (made === undefined) throw error
        return { elsewhere: made }
      })
    }
    const ended = await retry(once, {
      policy: options.retry,
      clock,
      signal: inside,
      ...(options.random === undefined ? {} : { random: options.random }),
      untilMs: options.slot?.closesMs ?? Infinity,
      waitsFor: ({ problem }) => problem === 'locked' && options.slot !== undefined,
      failed: (failure, waitMs, attempt) => {
        if (failure.problem === 'locked') lockedMs = clock.now()
        const text = `${failure.message}; attempt ${attempt + 1} in ${Math.round(waitMs / 1000)} s`
        log.warn({ run: asked.id, problem: failure.problem }, `backup: ${asked.operation}: ${text}`)
        options.progress(null, text, null)
      },
    })
    if ('elsewhere' in ended) return await end({ outcome: 'elsewhere', message: ended.elsewhere })
    const { problem, ...done } = ended
    return await end({ ...done, outcome: problem === null ? 'done' : 'failed', problem })
  } catch (error) {
    const message = messageOf(error)
    if (watch.signal.aborted) {
      const text = `the server became ${watch.role()} meanwhile; whoever is to run it now takes it up`
      return await end({ outcome: 'failed', problem: 'failover', message: text })
    }
    if (options.stopping.aborted) {
      return await end({ outcome: 'interrupted', message: 'the agent was stopped while it ran' })
    }
    if (signal.aborted) return await end({ outcome: 'cancelled', message: 'it was cancelled' })
    const problem = error instanceof BackupFailure ? error.problem : 'other'
    const tried = run.attempts === 1 ? '' : ` (${run.attempts} attempts)`
    return await end({ outcome: 'failed', problem, message: `${message}${tried}` })
  }
}

/** Aborts once the server has another role, or another timeline, than when the run began. */
function watchRole({ health, clock }: PerformOptions) {
  const over = new AbortController()
  const lost = new AbortController()
  const began = health?.()
  let role = 'another'
  const look = async (): Promise<void> => {
    if (health === undefined || began === undefined) return
    while (!over.signal.aborted) {
      const now = health()
      if (hasLostRole(began, now)) {
        role = `${now?.role ?? 'another'} on timeline ${now?.timeline ?? '?'}`
        lost.abort()
        return
      }
      await clock.sleep(lookAtRoleMs, over.signal)
    }
  }
  void look()
  return { signal: lost.signal, role: () => role, [Symbol.dispose]: () => over.abort() }
}

/**
 * Aborts once the slot turns out to be answered by who held the lock: the lock is free before the backup is listed, and a second
 * one is begun in between.
 */
function watchSlot({ slot, clock }: PerformOptions, lockedMs: number | undefined) {
  const over = new AbortController()
  const made = new AbortController()
  let found: string | undefined
  const look = async (): Promise<void> => {
    if (slot === undefined || lockedMs === undefined) return
    for (let i = 0; i < looksAtSlot; i++) {
      await clock.sleep(lookAtSlotMs, over.signal)
      if (over.signal.aborted) return
      found = await slot.answered(lockedMs).catch(() => undefined)
      if (found === undefined) continue
      made.abort()
      return
    }
  }
  void look()
  return { signal: made.signal, found: () => found, [Symbol.dispose]: () => over.abort() }
}
