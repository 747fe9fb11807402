import type { BackupRun } from '../../../common/backup/backup-run.ts'
import { BackupFailure } from '../backup-failure.ts'
import { withLog } from '../drill/choose-set.ts'
import type { ChosenSet } from '../drill/choose-set.ts'
import { describeTarget } from '../drill/recovery-end.ts'
import {
  bytesOf,
  checkSpace,
  mebibytes,
  neededBytes,
  roomOfRestores,
  spaceOf as spaceOfSystem,
} from '../drill/space.ts'
import type { Space } from '../drill/space.ts'
import { usualSegmentBytes } from '../engine/segments.ts'
import type { BackupEngine, EngineListing, RecoveryTarget, TargetRequest } from '../engine.ts'
import { checkDirectory } from './check-directory.ts'

export interface RestoreIntoAsked extends TargetRequest {
  readonly repository?: number
  /** Absolute; must be empty or not exist, in a directory that exists. */
  readonly directory: string
  /** Before the target rather than behind it. */
  readonly isExclusive: boolean
  /** `pause`: the directory still waits at the target when it is started; `promote`: it is open for writing. */
  readonly action: 'pause' | 'promote'
}

export interface RestorePlan {
  readonly asked: RestoreIntoAsked
  readonly chosen: ChosenSet
  readonly neededBytes: number
  /** For a person, before anything is done. */
  readonly lines: readonly string[]
}

/** Drills and restores before, the newest last. */
export type RecoveryHistory = readonly Pick<
  BackupRun,
  'startedMs' | 'operation' | 'sizeBytes' | 'recoveryMs'
>[]

/**
 * What a restore into a directory would do. Nothing is touched.
 * @throws BackupFailure target-unreachable, archive-gap, scratch-full, or configuration for a directory that cannot be used
 */
export async function planRestoreInto(
  asked: RestoreIntoAsked,
  options: {
    readonly engine: BackupEngine
    readonly history: RecoveryHistory
    readonly signal: AbortSignal
    /** Of a directory's filesystem; the system's answer unless told. */
    readonly spaceOf?: (directory: string) => Promise<Space>
  },
): Promise<RestorePlan> {
  const { engine, history, signal, spaceOf = spaceOfSystem } = options
  const { directory, target } = asked
  await checkDirectory(directory)
  await checkDirectory(tablespaceRoot(directory))
  const { repository } = asked
  const set = await engine.choose(asked, { signal, ...(repository === undefined ? {} : { repository }) })
  const listing = await engine.list(signal)
  const around = listing.repositories.find(({ where }) => `${directory}/`.startsWith(`${where}/`))
  if (around !== undefined) {
    throw new BackupFailure(
      'configuration',
      `cannot restore into ${directory}: it is inside repository ${around.repository}`,
    )
  }
  const chosen = withLog(set, listing, usualSegmentBytes)
  const { walBytes } = chosen
  const needed = neededBytes(set.sizeBytes ?? 0, walBytes)
  await checkSpace(directory, needed, roomOfRestores, spaceOf)
  const { freeBytes, totalBytes } = await spaceOf(directory)
  const lines = [
    `Restores backup ${set.label} (${set.type}, ended ${new Date(set.finishedMs).toISOString()}, ${mebibytes(set.sizeBytes ?? 0)}) from repository ${set.repository}${whereOf(listing, set.repository)} into ${directory}.`,
    `Replays the log from ${set.walStart ?? 'its begin'} to ${describeTarget(target)}${asked.isExclusive ? ', without that itself' : ''}${asked.timeline === undefined ? '' : `, on timeline ${asked.timeline}`}.`,
    ...doubtsOf(target),
    `Takes about ${mebibytes(needed)} of the ${mebibytes(freeBytes)} that are free there; ends where less than ${mebibytes(bytesOf(roomOfRestores, totalBytes))} stay free.`,
    durationLine(set.sizeBytes ?? 0, history),
    `Starts a server there that nobody else can reach, proves the point, and ends it.`,
    asked.action === 'pause' && target.kind !== 'latest'
      ? `When it is started, it waits at that point, read-only; pg_wal_replay_resume() opens it for writing.`
      : `When it is started, it is open for writing, on a timeline of its own.`,
    `It does not archive: archive_mode is off in its postgresql.auto.conf.`,
    `Touches nothing else.`,
  ]
  return { asked, chosen, neededBytes: needed, lines }
}

/** What nobody can know before. */
function doubtsOf(target: RecoveryTarget): readonly string[] {
  return target.kind === 'name' || target.kind === 'xid'
    ? [
        `Whether the log of this backup has ${describeTarget(target)} is found out on the way; where it lies before the backup, an earlier one has to be named.`,
      ]
    : []
}

/** Where tablespaces go, one below it each. */
export function tablespaceRoot(directory: string): string {
  return `${directory}.tablespaces`
}

function whereOf(listing: EngineListing, repository: number): string {
  const where = listing.repositories.find((one) => one.repository === repository)?.where
  return where === undefined ? '' : ` (${where})`
}

function durationLine(sizeBytes: number, history: RecoveryHistory): string {
  const last = history.findLast(({ recoveryMs, sizeBytes: size }) => recoveryMs !== null && (size ?? 0) > 0)
  if (last?.recoveryMs == null || last.sizeBytes === null) {
    return 'How long it takes has not been measured yet; a drill does.'
  }
  const seconds = (ms: number): string => `${(ms / 1000).toFixed(0)} s`
  const expected = (last.recoveryMs * sizeBytes) / last.sizeBytes
  return `Takes about ${seconds(expected)}: the ${last.operation} of ${new Date(last.startedMs).toISOString()} took ${seconds(last.recoveryMs)} for ${mebibytes(last.sizeBytes)}.`
}
