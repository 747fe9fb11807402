import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { BackupPolicy } from '../../../common/backup/backup-policy.ts'
import type { Clock } from '../../../common/clock.ts'
import { messageOf, toPgherdError } from '../../../common/errors.ts'
import type { PgherdError } from '../../../common/errors.ts'
import { BackupFailure } from '../backup-failure.ts'
import { usualSegmentBytes } from '../engine/segments.ts'
import type { BackupEngine } from '../engine.ts'
import type { Work, WorkOptions } from '../runs/work.ts'
import { checkRecovered } from './checks.ts'
import { chooseSet } from './choose-set.ts'
import type { DrillResult } from './drill-result.ts'
import { drillDone } from './drill-text.ts'
import type { DrillPhases } from './drill-text.ts'
import { endScratch } from './end-scratch.ts'
import { asFullDisk, tellsOfFullDisk } from './full-disk.ts'
import type { LiveServer } from './live-server.ts'
import { makeOwned, makeScratchPlace, scratchPrefix } from './scratch-place.ts'
import type { ServerUser } from './server-user.ts'
import { checkSpace, neededBytes, watchSpace } from './space.ts'
import type { Space } from './space.ts'
import { startRecovered } from './start-recovered.ts'
import { timeLimit } from './time-limit.ts'

export interface DrillOptions {
  readonly policy: Pick<BackupPolicy, 'cluster' | 'drill' | 'nice'>
  readonly engine: BackupEngine
  /** As whom the servers run; null for the agent's own user. */
  readonly user: ServerUser
  readonly binDirectory?: string | undefined
  /** What the running server tells; it may reject where there is none. */
  readonly live: (signal: AbortSignal) => Promise<LiveServer>
  /** Half a sentence about what the host is too busy with. */
  readonly heldBack: () => Promise<string | undefined>
  readonly clock: Clock
  /** Told at each end of a drill that was not cancelled. */
  readonly onResult: (result: Omit<DrillResult, 'lastSuccessSeconds'>) => void
  /** Of a directory's filesystem; the system's answer unless told. */
  readonly spaceOf?: (directory: string) => Promise<Space>
}

/**
 * The drill of one cluster: restores the newest backup into a scratch directory, starts a real server there, has it recover, looks
 * at what came back, and removes all of it again, whatever happens. Its problem is the first that was found.
 */
export function createDrill(options: DrillOptions): Work {
  const { policy, clock } = options
  return async (work) => {
    const phases: DrillPhases = {
      restoreMs: null,
      replayMs: null,
      checksMs: null,
      chosen: null,
      point: null,
      findings: null,
    }
    const tell = (problem: DrillResult['problem']): void =>
      options.onResult(resultOf(policy.cluster, problem, phases, clock))
    try {
      await drill(options, work, phases)
      const done = drillDone(phases)
      tell(done.problem)
      return done
    } catch (error) {
      if (!work.signal.aborted) tell(error instanceof BackupFailure ? error.problem : 'other')
      throw error
    }
  }
}

async function drill(options: DrillOptions, work: WorkOptions, phases: DrillPhases): Promise<void> {
  const { engine, policy, clock } = options
  const { directory: parent, keepFreePercent, timeoutMs } = policy.drill
  const room = { percent: keepFreePercent }
  const busy = await options.heldBack()
  if (busy !== undefined) throw new BackupFailure('held-back', `the drill does not start: ${busy}`)
  const chosen = chooseSet(await engine.list(work.signal), work.repository, usualSegmentBytes)
  phases.chosen = chosen
  // A server that is down is what a drill prepares for.
  const live: LiveServer = await options.live(work.signal).catch(() => ({}))
  work.signal.throwIfAborted()
  const size = Math.max(chosen.set.sizeBytes ?? 0, live.sizeBytes ?? 0)
  const { spaceOf } = options
  await checkSpace(parent, neededBytes(size, chosen.walBytes), room, spaceOf)

  const noted: string[] = []
  const note = async (place: string): Promise<void> => {
    await work.note({ kind: 'scratch', directory: place })
    noted.push(place)
  }
  let failure: PgherdError | undefined
  {
    using space = watchSpace(parent, room, clock, spaceOf)
    using time = timeLimit('the drill', timeoutMs, clock)
    const signal = AbortSignal.any([work.signal, space.signal, time.signal])
    try {
      await rehearse(options, { ...work, signal }, phases, live, note)
    } catch (error) {
      failure = toPgherdError(signal.aborted ? signal.reason : await asFullDisk(error, parent, spaceOf))
    }
  }
  const left = await removeAll(noted, clock)
  if (left !== undefined) {
    const problem = failure instanceof BackupFailure ? failure.problem : 'other'
    const what = failure === undefined ? '' : `${failure.message}; `
    throw new BackupFailure(problem, `${what}it cannot be cleared away: ${left}`, { cause: failure })
  }
  if (failure !== undefined) throw failure
}

async function rehearse(
  options: DrillOptions,
  work: WorkOptions,
  phases: DrillPhases,
  live: LiveServer,
  note: (place: string) => Promise<void>,
): Promise<void> {
  const { policy, clock, user, engine, binDirectory } = options
  const { signal, progress } = work
  const { nice } = policy
  const { target, timeoutMs } = policy.drill
  const { set, segments } = phases.chosen!
  const directory = join(policy.drill.directory, `${scratchPrefix}${randomUUID()}`)
  const place = await makeScratchPlace(directory, user, note)
  const dataDirectory = join(directory, 'data')
  await makeOwned(dataDirectory, user)
  const startMs = clock.monotonic()
  progress?.(0, `restores ${set.label}`, null)
  await engine.restore(
    {
      directory: dataDirectory,
      target: { kind: target },
      isExclusive: false,
      label: set.label,
      action: 'promote',
      tablespaceRoot: join(directory, 'tablespaces'),
      archives: false,
    },
    { ...work, repository: set.repository },
  )
  const restoredMs = clock.monotonic()
  phases.restoreMs = restoredMs - startMs
  const about = { dataDirectory, place, places: [], live, binDirectory, user, nice, clock, signal }
  await using recovered = await startRecovered(
    { target: { kind: target }, segments },
    { ...about, isThrownAway: true, timeoutMs, ...(progress === undefined ? {} : { progress }) },
  )
  phases.point = recovered.point
  const recoveredMs = clock.monotonic()
  phases.replayMs = recoveredMs - restoredMs
  const findings = await checkRecovered(recovered, {
    ...about,
    policy: policy.drill,
    timeoutMs: Math.max(1, timeoutMs - (recoveredMs - startMs)),
    progress: (text) => progress?.(null, `looks: ${text}`, null),
  })
  const full = findings.problems.find(({ text }) => tellsOfFullDisk(text))
  if (full !== undefined) throw new Error(full.text)
  phases.findings = findings
  phases.checksMs = clock.monotonic() - recoveredMs
}

async function removeAll(places: readonly string[], clock: Clock): Promise<string | undefined> {
  const failures: string[] = []
  for (const place of places) {
    await endScratch(place, clock).catch((error: unknown) => failures.push(messageOf(error)))
  }
  return failures[0]
}

function resultOf(
  cluster: string,
  problem: DrillResult['problem'],
  { restoreMs, replayMs, checksMs, chosen, point, findings }: DrillPhases,
  clock: Clock,
): Omit<DrillResult, 'lastSuccessSeconds'> {
  const inSeconds = (ms: number | null): number | null => (ms === null ? null : ms / 1000)
  const { set } = chosen ?? {}
  return {
    cluster,
    problem,
    finishedSeconds: clock.now() / 1000,
    restoreSeconds: inSeconds(restoreMs),
    replaySeconds: inSeconds(replayMs),
    checksSeconds: inSeconds(checksMs),
    restoredBytes: restoreMs === null ? null : (set?.sizeBytes ?? null),
    recoveredToSeconds: point === null ? null : inSeconds(point.commitMs ?? set?.finishedMs ?? null),
    databases: findings?.databases ?? null,
    tables: findings?.tables ?? null,
  }
}
