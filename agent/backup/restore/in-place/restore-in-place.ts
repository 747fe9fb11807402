import { rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { ServerManager } from '../../../../common/backup/server-manager.ts'
import type { Clock } from '../../../../common/clock.ts'
import { messageOf } from '../../../../common/errors.ts'
import { syncDirectory } from '../../../../common/spool/file-operations.ts'
import { BackupFailure } from '../../backup-failure.ts'
import { describePoint } from '../../drill/recovery-point.ts'
import type { WorkDone, WorkOptions } from '../../runs/work.ts'
import type { AskServer } from '../../server/ask-server.ts'
import { postmasterPid } from '../../server/local-server.ts'
import { restoreInto } from '../restore-into.ts'
import type { RestoreIntoOptions } from '../restore-into.ts'
import type { RestorePlan } from '../restore-plan.ts'
import type { InPlaceNames } from './in-place-plan.ts'
import type { KeptDirectories } from './kept-directories.ts'
import type { NotedInPlace } from './noted.ts'
import { inodeOf } from './place-names.ts'
import { startServer } from './start-server.ts'
import { stopServer } from './stop-server.ts'
import { takeConfiguration } from './take-configuration.ts'
import { readUsualStart } from './usual-start.ts'

export interface ServerCommands {
  /** In place of pg_ctl. */
  readonly stop: readonly string[] | undefined
  /** In place of what its postmaster.opts had. */
  readonly start: readonly string[] | undefined
}

export interface RestoreInPlaceOptions {
  readonly cluster: string
  readonly restore: Omit<RestoreIntoOptions, 'archives'>
  readonly ask: AskServer
  readonly manager: ServerManager | undefined
  readonly commands: ServerCommands
  readonly keptDirectories: KeptDirectories
  readonly clock: Clock
  /** To be awaited before anything of the server is touched. */
  readonly mustUndo: (noted: NotedInPlace) => Promise<void>
}

/**
 * Restores beside the data directory, proves the point there, and then exchanges the two. Until the point is proven the server runs
 * on untouched. From `mustUndo` on who called undoes it when it throws.
 * @throws BackupFailure, of a class that is not tried again once the server was touched
 */
export async function restoreInPlace(
  plan: RestorePlan,
  names: InPlaceNames,
  options: RestoreInPlaceOptions,
  work: WorkOptions,
): Promise<WorkDone> {
  const { data, fresh } = names
  const restored = await restoreInto(plan, { ...options.restore, archives: true }, work)
  try {
    const pid = await postmasterPid(data)
    if (pid === undefined) throw new BackupFailure('server-unreachable', `no server runs on ${data}`)
    const noted: NotedInPlace = {
      cluster: options.cluster,
      ...names,
      oldInode: (await inodeOf(data)) ?? '',
      freshInode: (await inodeOf(fresh)) ?? '',
      user: options.restore.user,
      start: await readUsualStart(data, pid),
      isDone: false,
    }
    await options.mustUndo(noted)
    return await exchange(noted, restored, options, work)
  } catch (error) {
    // What passes by itself is tried again, which must not be once the server was touched.
    throw new BackupFailure('other', messageOf(error), { cause: error })
  }
}

async function exchange(
  noted: NotedInPlace,
  restored: Awaited<ReturnType<typeof restoreInto>>,
  options: RestoreInPlaceOptions,
  { signal, progress }: WorkOptions,
): Promise<WorkDone> {
  const { data, kept, fresh, start, user, cluster, oldInode } = noted
  const { manager, commands, keptDirectories, clock, ask } = options
  const { point } = restored
  const tell = (text: string): void => progress?.(null, text, null)
  if (manager !== undefined) {
    tell(`pauses ${manager.name}`)
    await manager.release()
  }
  signal.throwIfAborted()
  tell('stops the server')
  const beganMs = clock.monotonic()
  await stopServer(data, { binDirectory: dirname(start.program), user, command: commands.stop, signal })
  await takeConfiguration(data, fresh)
  await keptDirectories.add({ cluster, data, kept, inode: oldInode, restoredMs: clock.now() })
  signal.throwIfAborted()
  await rename(data, kept)
  await rename(fresh, data)
  await syncDirectory(dirname(data))
  tell('starts the restored server')
  if (manager === undefined) await startServer(data, start, { user, command: commands.start, clock, signal })
  else await manager.start()
  const timeline = await timelineNow(ask, clock, signal)
  const downMs = clock.monotonic() - beganMs
  if (timeline !== point.timeline) {
    throw new BackupFailure(
      'check-failed',
      `the restored server runs on timeline ${timeline}, and the point was proven on ${point.timeline}`,
    )
  }
  await options.mustUndo({ ...noted, isDone: true })
  await rm(`${fresh}.tablespaces`, { recursive: true, force: true })
  return {
    ...restored,
    message: `${restored.label ?? 'the backup'} was restored in place of ${data}, to ${describePoint(point)}; the server was away for ${(downMs / 1000).toFixed(1)} s and is open for writing on timeline ${timeline}; what was there before is kept as ${kept}, until agentctl backup confirm ${cluster}`,
  }
}

const answerMs = 60_000

/** Once it is open for writing. @throws BackupFailure check-failed */
async function timelineNow(ask: AskServer, clock: Clock, signal: AbortSignal): Promise<number> {
  const untilMs = clock.monotonic() + answerMs
  let why = 'it is still in recovery'
  while (clock.monotonic() < untilMs) {
    try {
      const [row] = await ask('select pg_is_in_recovery(), timeline_id from pg_control_checkpoint()', signal)
      if (row?.[0] === 'f') return Number(row[1])
    } catch (error) {
      why = messageOf(error)
    }
    signal.throwIfAborted()
    await clock.sleep(200, signal)
  }
  throw new BackupFailure('check-failed', `the restored server cannot be used: ${why}`)
}
