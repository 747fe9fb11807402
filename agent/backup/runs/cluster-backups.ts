import { randomUUID } from 'node:crypto'
import type { BackupPolicy } from '../../../common/backup/backup-policy.ts'
import type { BackupProblem } from '../../../common/backup/backup-problem.ts'
import type { BackupReport } from '../../../common/backup/backup-report.ts'
import type { BackupOperation, BackupRun } from '../../../common/backup/backup-run.ts'
import type { Clock } from '../../../common/clock.ts'
import { messageOf } from '../../../common/errors.ts'
import type { InstanceHealth } from '../../../common/health/instance-health.ts'
import type { Log } from '../../../common/log.ts'
import { BackupFailure } from '../backup-failure.ts'
import type { BackupEngine, EngineListing } from '../engine.ts'
import { chooseRunner } from './choose-runner.ts'
import type { Turn } from './choose-runner.ts'
import { dueSlots } from './due-slots.ts'
import type { DueSlot } from './due-slots.ts'
import { heldBackBy } from './held-back.ts'
import type { LoadReadings } from './held-back.ts'
import { checkRepository } from './known-repository.ts'
import { missedSlots } from './missed-slots.ts'
import { performRun } from './perform-run.ts'
import type { SharedSlot } from './perform-run.ts'
import type { RunJournal } from './run-journal.ts'
import { answeredBy, isBackup } from './slot.ts'
import type { Slot } from './slot.ts'
import { watchPromotion } from './watch-promotion.ts'
import { nothingDone, workOf } from './work.ts'
import type { Work } from './work.ts'

export interface ClusterBackupsOptions {
  readonly policy: BackupPolicy
  readonly node: string
  readonly engine: BackupEngine
  readonly drill: Work
  readonly schedule: {
    /** Of each operation the newest moment that is not older than the window. */
    open(nowMs: number): readonly Slot[]
    /** Those that closed later than one moment and not later than another. */
    closed(afterMs: number, upToMs: number, limit: number): readonly Slot[]
  }
  readonly journal: RunJournal
  readonly health: () => InstanceHealth | undefined
  readonly load: () => Promise<LoadReadings>
  readonly clock: Clock
  readonly log: Log
  /** Told when a run begins, gets on or ends. */
  readonly onChange: () => void
  /** Shared with who had the cluster before, when a policy is read again; its own unless told. */
  readonly lane?: Lane
  readonly random?: () => number
}

export interface AskOptions {
  readonly askedBy: string
  readonly repository?: number
  readonly signal: AbortSignal
  readonly progress: (percent: number | null, text: string) => void
}

/** What keeps a slot from being answered, as part of a sentence. */
interface Hindrance {
  readonly problem: BackupProblem
  readonly text: string
}

/** Who runs for a cluster on this host, whatever policy it has begun with. */
export interface Lane {
  running: BackupReport['running']
}

/** The backup work of one cluster on this member: one run at a time, by schedule or by hand. */
export interface ClusterBackups {
  readonly policy: BackupPolicy
  readonly engine: BackupEngine
  /** Runs it now, whoever's turn it is. @throws BackupFailure locked, while another run is under way here; configuration for a repository that is not there */
  ask(operation: Exclude<BackupOperation, 'restore'>, options: AskOptions): Promise<BackupRun>
  /** A run that is done elsewhere in this program, under the same lock. @throws BackupFailure locked */
  runExclusively(operation: BackupOperation, work: Work, options: AskOptions): Promise<BackupRun>
  turn(): Turn
  /** What the repositories have; at most `maxAgeMs` old. */
  listing(maxAgeMs: number): Promise<EngineListing>
  running(): BackupReport['running']
  /** Follows the schedule until the signal aborts. Never rejects. */
  run(signal: AbortSignal): Promise<void>
}

const lookMs = 5_000
/** What the repositories have is asked for anew at this age, and before a slot is answered. */
const listingAgeMs = 5 * 60_000
/** How often those hear of progress who are told of changes. */
const progressMs = 10_000
const heldBackLogMs = 10 * 60_000
const mostClosed = 100

export function createClusterBackups(options: ClusterBackupsOptions): ClusterBackups {
  const { policy, node, engine, journal, clock, log } = options
  const lane = options.lane ?? { running: null }
  let listed: { readonly at: number; readonly listing: Promise<EngineListing> } | undefined
  let heldBackLoggedMs = -Infinity
  let hindrance: Hindrance | undefined
  const newestRun = Math.max(...journal.runs().map(({ startedMs }) => startedMs))
  let closedUpToMs = Number.isFinite(newestRun) ? newestRun : clock.now()
  const over = new AbortController()
  const sincePromotion = watchPromotion(clock)

  const listing = (maxAgeMs: number): Promise<EngineListing> => {
    if (listed === undefined || clock.monotonic() - listed.at > maxAgeMs) {
      const asked = engine.list(over.signal)
      listed = { at: clock.monotonic(), listing: asked }
      asked.catch(() => (listed = undefined))
    }
    return listed.listing
  }

  const workFor = (operation: Exclude<BackupOperation, 'restore'>): Work => {
    const hadSome = ownRuns().some((run) => isBackup(run.operation) && run.outcome === 'done')
    return workOf(operation, engine, options.drill, policy.config === 'write' && !hadSome)
  }

  const perform = async (
    operation: BackupOperation,
    work: Work,
    asked: Omit<AskOptions, 'repository'> & {
      readonly repository: number | null
      readonly slotMs: number | null
      readonly slot?: SharedSlot
    },
  ): Promise<BackupRun> => {
    if (lane.running !== null) {
      throw new BackupFailure('locked', `another run is under way here: ${lane.running.text}`)
    }
    const id = randomUUID()
    lane.running = { id, percent: null, text: operation, bytesPerSecond: null }
    options.onChange()
    let toldMs = clock.monotonic()
    try {
      const { askedBy, slotMs, repository } = asked
      const run = await performRun(
        { id, cluster: policy.cluster, node, operation, askedBy, slotMs, repository },
        work,
        {
          retry: policy.retry,
          journal,
          health: isBackup(operation) ? options.health : undefined,
          clock,
          log,
          signal: AbortSignal.any([asked.signal, over.signal]),
          stopping: over.signal,
          progress(percent, text, bytesPerSecond) {
            lane.running = { id, percent, text: `${operation}: ${text}`.slice(0, 500), bytesPerSecond }
            asked.progress(percent, text)
            if (clock.monotonic() - toldMs < progressMs) return
            toldMs = clock.monotonic()
            options.onChange()
          },
          ...(asked.slot === undefined ? {} : { slot: asked.slot }),
          ...(options.random === undefined ? {} : { random: options.random }),
        },
      )
      const facts = { run: id, operation, outcome: run.outcome, label: run.label }
      if (run.outcome === 'done' || run.outcome === 'elsewhere')
        log.info(facts, `backup: ${operation}: ${run.message}`)
      else log.error({ ...facts, problem: run.problem }, `backup: ${operation}: ${run.message}`)
      return run
    } finally {
      lane.running = null
      listed = undefined
      options.onChange()
    }
  }

  /** True when the slot was answered, one way or the other. */
  const answer = async (slot: DueSlot, signal: AbortSignal): Promise<void> => {
    const held = heldBackBy(policy.guard, await options.load())
    hindrance = held === undefined ? undefined : { problem: 'held-back', text: `it was held back: ${held}` }
    if (held !== undefined) {
      if (clock.monotonic() - heldBackLoggedMs > heldBackLogMs) {
        heldBackLoggedMs = clock.monotonic()
        log.warn({ operation: slot.operation }, `backup: ${slot.operation} waits: ${held}`)
      }
      return
    }
    await perform(slot.operation, workFor(slot.operation), {
      askedBy: 'schedule',
      slotMs: slot.slotMs,
      repository: slot.repository,
      slot: sharedSlot(slot),
      signal,
      progress: () => undefined,
    })
  }

  const sharedSlot = (slot: DueSlot): SharedSlot => ({
    async answered(beforeMs) {
      if (slot.repository === null) return undefined
      const { sets } = await listing(0)
      const before = sets.filter(({ startedMs }) => startedMs < beforeMs)
      const set = answeredBy(slot, slot.repository, before)
      return set && `another member has made backup ${set.label} meanwhile`
    },
    closesMs: slot.slotMs + policy.windowMs,
  })

  const look = async (signal: AbortSignal): Promise<void> => {
    const promotedMs = sincePromotion(options.health())
    if (lane.running !== null) return
    const now = clock.now()
    const open = options.schedule.open(now)
    const unanswered = (listed: EngineListing) =>
      dueSlots(open, ownRuns(), listed.sets, numbersOf(policy, listed))
    const due = (slots: readonly DueSlot[]) =>
      slots.filter(({ slotMs }) => chooseRunner(policy, options.health(), now - slotMs, promotedMs).isRunner)
    await tellMissed(now)
    // By what is known already nothing is due most of the time; only then the repositories are asked.
    const known = unanswered(await listing(listingAgeMs))
    if (known.length > 0) noteIfDown()
    if (due(known).length === 0) return
    const first = due(unanswered(await listing(0)))[0]
    if (first !== undefined) await answer(first, signal)
  }
  const noteIfDown = (): void => {
    const { state, reason } = options.health() ?? {}
    if (state === undefined || state === 'running' || state === 'unknown') return
    hindrance = { problem: 'server-unreachable', text: `the server is ${state}: ${reason ?? ''}` }
  }
  /** By the turn of a slot that has just opened: one member tells it. */
  const tellMissed = async (now: number): Promise<void> => {
    const closed = options.schedule.closed(closedUpToMs, now, mostClosed)
    // Whether it is for this member to tell shows when its server is back.
    if (options.health()?.state !== 'running') {
      if (closed.length > 0) noteIfDown()
      return
    }
    const since = closedUpToMs
    closedUpToMs = now
    if (closed.length === 0 || !chooseRunner(policy, options.health(), 0).isRunner) return
    const listed = await listing(0).catch((error: unknown) => {
      closedUpToMs = since
      throw error
    })
    for (const slot of missedSlots(closed, ownRuns(), listed.sets, numbersOf(policy, listed))) {
      const why = hindrance?.text ?? 'nobody could begin it in time'
      const run: BackupRun = {
        ...nothingDone,
        id: randomUUID(),
        cluster: policy.cluster,
        node,
        operation: slot.operation,
        askedBy: 'schedule',
        slotMs: slot.slotMs,
        startedMs: now,
        finishedMs: now,
        outcome: 'missed',
        problem: hindrance?.problem ?? null,
        message: `the ${slot.operation} of ${new Date(slot.slotMs).toISOString()} was missed: ${why}`,
        attempts: 1,
        repository: slot.repository,
      }
      log.error({ operation: slot.operation }, `backup: ${run.message}`)
      await journal.put(run)
      options.onChange()
    }
    hindrance = undefined
  }
  const ownRuns = (): readonly BackupRun[] =>
    journal.runs().filter(({ cluster, node: by }) => cluster === policy.cluster && by === node)

  return {
    policy,
    engine,
    async ask(operation, { repository, ...asked }) {
      // Otherwise it would be in the history, and in alerts, as a backup that failed.
      checkRepository(
        repository,
        policy.repositories.map((_, i) => i + 1),
      )
      return perform(operation, workFor(operation), {
        ...asked,
        repository: repository ?? null,
        slotMs: null,
      })
    },
    runExclusively: (operation, work, { repository, ...asked }) =>
      perform(operation, work, { ...asked, repository: repository ?? null, slotMs: null }),
    turn: () => chooseRunner(policy, options.health(), 0),
    listing,
    running: () => lane.running,
    async run(signal) {
      const end = (): void => over.abort()
      signal.addEventListener('abort', end, { once: true })
      while (!signal.aborted) {
        await look(signal).catch((error: unknown) => {
          log.error(
            { cluster: policy.cluster },
            `backup: the schedule cannot be followed: ${messageOf(error)}`,
          )
        })
        await clock.sleep(lookMs, signal)
      }
    },
  }
}

/** A configuration that is somebody else's says itself which repositories there are. */
function numbersOf(policy: BackupPolicy, { repositories }: EngineListing): readonly number[] {
  return policy.repositories.length > 0
    ? policy.repositories.map((_, i) => i + 1)
    : repositories.map(({ repository }) => repository)
}
