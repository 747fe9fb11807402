import { randomUUID } from 'node:crypto'
import { chmod, chown, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Clock } from '../../../common/clock.ts'
import { messageOf, toPgherdError } from '../../../common/errors.ts'
import { writeFileDurably } from '../../../common/write-file-durably.ts'
import { BackupFailure } from '../backup-failure.ts'
import type { ChosenSet } from '../drill/choose-set.ts'
import { endScratch } from '../drill/end-scratch.ts'
import { asFullDisk } from '../drill/full-disk.ts'
import type { LiveServer } from '../drill/live-server.ts'
import { describePoint } from '../drill/recovery-point.ts'
import type { RecoveryPoint } from '../drill/recovery-point.ts'
import { makeOwned, makeScratchPlace, scratchPrefix, unfinishedMarker } from '../drill/scratch-place.ts'
import type { ServerUser } from '../drill/server-user.ts'
import { checkSpace, roomOfRestores, watchSpace } from '../drill/space.ts'
import type { Space } from '../drill/space.ts'
import { startRecovered } from '../drill/start-recovered.ts'
import { timeLimit } from '../drill/time-limit.ts'
import type { BackupEngine } from '../engine.ts'
import { timelineOf } from '../engine/segments.ts'
import { nothingDone } from '../runs/work.ts'
import type { WorkDone, WorkOptions } from '../runs/work.ts'
import { checkDirectory } from './check-directory.ts'
import { tablespaceRoot } from './restore-plan.ts'
import type { RestorePlan } from './restore-plan.ts'

export interface RestoreIntoOptions {
  readonly engine: BackupEngine
  readonly live: LiveServer
  readonly user: ServerUser
  readonly binDirectory?: string | undefined
  readonly nice: number
  readonly timeoutMs: number
  readonly clock: Clock
  /** The restored server is to archive as the one that was backed up; without, its archive_mode is off. */
  readonly archives?: boolean
  /** Of a directory's filesystem; the system's answer unless told. */
  readonly spaceOf?: (directory: string) => Promise<Space>
}

/** A restore that is at its point. */
export interface RestoredInto extends WorkDone {
  readonly point: RecoveryPoint
}

const stopMs = 120_000

/**
 * Restores into a directory as planned, proves with a server of its own that the point was reached, and leaves the directory ready
 * for its owner. Until it is whole a marker lies beside it; when it fails, or the agent is killed, everything is removed again.
 * @throws BackupFailure
 */
export async function restoreInto(
  plan: RestorePlan,
  options: RestoreIntoOptions,
  work: WorkOptions,
): Promise<RestoredInto> {
  const { directory } = plan.asked
  const { clock, spaceOf } = options
  const roots = [directory, tablespaceRoot(directory)]
  for (const root of roots) await checkDirectory(root)
  await checkSpace(directory, plan.neededBytes, roomOfRestores, spaceOf)
  const noted: string[] = []
  const note = async (place: string): Promise<void> => {
    await work.note({ kind: 'scratch', directory: place })
    noted.push(place)
  }
  using time = timeLimit('the restore', options.timeoutMs, clock)
  using space = watchSpace(directory, roomOfRestores, clock, spaceOf)
  const signal = AbortSignal.any([work.signal, space.signal, time.signal])
  try {
    const isThere = await checkDirectory(directory)
    for (const root of roots) {
      await writeFileDurably(unfinishedMarker(root), 'removed by pgherd once the restore is whole\n', 0o600)
      await note(root)
    }
    if (isThere) await own(directory, options.user)
    else await makeOwned(directory, options.user)
    const restored = await recover(plan, options, { ...work, signal }, note)
    for (const root of roots) await rm(unfinishedMarker(root), { force: true })
    return restored
  } catch (error) {
    const failure = toPgherdError(
      signal.aborted ? signal.reason : await asFullDisk(error, directory, spaceOf),
    )
    for (const place of noted) {
      await endScratch(place, clock).catch((cause: unknown) => {
        throw new BackupFailure('other', `${failure.message}; it cannot be cleared away: ${messageOf(cause)}`)
      })
    }
    throw failure
  } finally {
    // The place of the server that proved it.
    for (const place of noted.filter((one) => !roots.includes(one))) await endScratch(place, clock)
  }
}

async function own(directory: string, user: ServerUser): Promise<void> {
  if (user !== null) await chown(directory, user.uid, user.gid)
  await chmod(directory, 0o700)
}

async function recover(
  { asked, chosen }: RestorePlan,
  options: RestoreIntoOptions,
  work: WorkOptions,
  note: (place: string) => Promise<void>,
): Promise<RestoredInto> {
  const { engine, live, user, nice, clock, timeoutMs, binDirectory } = options
  const { directory, target, isExclusive, timeline } = asked
  const { signal, progress } = work
  const { set } = chosen
  const segments = segmentsUntil(timeline, chosen)
  const startMs = clock.monotonic()
  progress?.(0, `restores ${set.label}`, null)
  // The end of the log is nothing that could be waited at.
  const action = target.kind === 'latest' ? 'promote' : asked.action
  const root = tablespaceRoot(directory)
  await engine.restore(
    {
      directory,
      target,
      isExclusive,
      label: set.label,
      action,
      tablespaceRoot: root,
      archives: options.archives === true,
      ...(timeline === undefined ? {} : { timeline }),
    },
    { ...work, repository: set.repository },
  )
  const place = await makeScratchPlace(join(tmpdir(), `${scratchPrefix}${randomUUID()}`), user, note)
  const hasTablespaces = (await readdir(root).catch(() => [])).length > 0
  await using recovered = await startRecovered(
    { target, segments },
    {
      dataDirectory: directory,
      place,
      places: hasTablespaces ? [root] : [],
      live,
      binDirectory,
      user,
      nice,
      isThrownAway: false,
      archivesLater: options.archives === true,
      timeoutMs,
      clock,
      signal,
      ...(progress === undefined ? {} : { progress }),
    },
  )
  const { point } = recovered
  const recoveryMs = Math.round(clock.monotonic() - startMs)
  progress?.(100, 'is at its point, and is stopped', null)
  const { isWhole } = await recovered.server.stop(stopMs)
  if (!isWhole) throw new BackupFailure('other', 'the restored server could not be stopped in order')
  // pg_ctl restart would take the settings of the proof from it.
  await rm(join(directory, 'postmaster.opts'), { force: true })
  const hasConfiguration = (await readdir(directory)).includes('postgresql.conf')
  const path = directory.includes(' ') ? `'${directory}'` : directory
  const start = hasConfiguration
    ? `${recovered.programs.directory}/pg_ctl -D ${path} -o '-p PORT' start`
    : `it has no postgresql.conf, which the backup does not hold; give it one with pg_ctl -D ${path} -o '-c config_file=FILE -p PORT' start`
  const state = point.isPaused
    ? 'it waits there, read-only'
    : `it is open for writing on timeline ${point.timeline}`
  return {
    ...nothingDone,
    problem: null,
    label: set.label,
    repository: set.repository,
    sizeBytes: set.sizeBytes,
    recoveryMs,
    point,
    message: `${set.label} was restored into ${directory} in ${(recoveryMs / 1000).toFixed(1)} s, to ${describePoint(point)}; ${state}; to start it as its owner: ${start}`,
  }
}

/** Those that lie on the way to a timeline, or on one before. */
function segmentsUntil(timeline: string | undefined, { set, segments }: ChosenSet): readonly string[] {
  if (timeline === undefined || timeline === 'latest') return segments
  const last = timeline === 'current' ? timelineOf(set.walStart ?? '') : Number(timeline)
  return Number.isSafeInteger(last) ? segments.filter((name) => timelineOf(name) <= last) : segments
}
