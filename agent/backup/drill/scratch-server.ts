import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { open, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../../common/clock.ts'
import { messageOf } from '../../../common/errors.ts'
import { BackupFailure } from '../backup-failure.ts'
import { endProcessesIn } from './processes-in.ts'
import { removeSharedMemory } from './end-scratch.ts'
import { followFile } from './follow-file.ts'
import { toolEnvironment } from './run-tool.ts'
import type { ScratchPlace } from './scratch-place.ts'
import type { ServerPrograms } from './server-programs.ts'
import { asUser } from './server-user.ts'
import type { ServerUser } from './server-user.ts'

/** A real server on a restored data directory, which nobody but its user can reach. Disposing ends it at once. */
export interface ScratchServer extends AsyncDisposable {
  readonly pid: number
  readonly socketDirectory: string
  readonly port: number
  /** How it ended: `status 1`, `SIGKILL`; undefined while it runs. */
  ending(): string | undefined
  /** The lines of its log since the last call. */
  newLines(): Promise<readonly string[]>
  /** Ends its sessions and writes a checkpoint, so that its directory is whole; at once when that takes longer. */
  stop(patienceMs: number): Promise<{ readonly isWhole: boolean }>
}

export interface ScratchServerOptions {
  readonly dataDirectory: string
  readonly place: ScratchPlace
  readonly programs: ServerPrograms
  /** For the command line; see scratch-settings.ts. */
  readonly settings: ReadonlyMap<string, string>
  readonly port: number
  readonly user: ServerUser
  readonly nice: number
  readonly clock: Clock
}

const immediateMs = 10_000

/** Of all that may be ended for want of memory, this goes first (proc_pid_oom_score_adj(5)). */
const outOfMemoryScore = '900'

/**
 * Starts it, with no more rights and no more urgency than told. It may end right away: see `ending` and its log.
 * @throws BackupFailure when there is no such program
 */
export async function startScratchServer(options: ScratchServerOptions): Promise<ScratchServer> {
  const { dataDirectory, place, programs, settings, port, user, nice, clock } = options
  const args = [...settings].flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const program = join(programs.directory, 'postgres')
  // Its processes inherit it, so that it must be there before the first of them; the process stays the same.
  const all = ['-n', String(nice), program, '-D', dataDirectory, ...args]
  // A second attempt has a log of its own.
  await using log = await open(place.logFile, 'w', 0o600)
  const child = spawn('nice', all, {
    cwd: '/',
    // A signal for the agent's own group, such as that of a terminal, is none for it.
    detached: true,
    env: toolEnvironment,
    stdio: ['ignore', log.fd, log.fd],
    ...asUser(user),
  })
  let ending: string | undefined
  const hasEnded = (): boolean => ending !== undefined
  const ended = new Promise<void>((resolve) => {
    child.once('exit', (status, signal) => {
      ending = signal ?? `status ${status ?? '?'}`
      resolve()
    })
  })
  child.on('error', () => undefined)
  try {
    await once(child, 'spawn')
  } catch (error) {
    throw new BackupFailure('configuration', `cannot start ${program}: ${messageOf(error)}`)
  }
  const pid = child.pid!
  await writeFile(`/proc/${pid}/oom_score_adj`, outOfMemoryScore).catch(() => undefined)

  const endWith = async (signal: NodeJS.Signals, patienceMs: number): Promise<boolean> => {
    if (hasEnded()) return true
    child.kill(signal)
    const over = new AbortController()
    await Promise.race([ended, clock.sleep(patienceMs, over.signal)])
    over.abort()
    return hasEnded()
  }
  const end = async (): Promise<void> => {
    if (!(await endWith('SIGQUIT', immediateMs))) await endWith('SIGKILL', immediateMs)
    // Its processes follow it, but not at once, and the command that gets segments does not.
    await endProcessesIn(dataDirectory, clock)
    await removeSharedMemory(dataDirectory)
  }
  return {
    pid,
    socketDirectory: place.socketDirectory,
    port,
    ending: () => ending,
    newLines: followFile(place.logFile),
    async stop(patienceMs) {
      const isWhole = !hasEnded() && (await endWith('SIGINT', patienceMs))
      await end()
      return { isWhole: isWhole && child.exitCode === 0 }
    },
    [Symbol.asyncDispose]: end,
  }
}
