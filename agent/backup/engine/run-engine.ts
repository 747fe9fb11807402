import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import type { Clock } from '../../../common/clock.ts'
import { PgherdError, messageOf, systemCodeOf } from '../../../common/errors.ts'
import { BackupFailure } from '../backup-failure.ts'
import type { EngineRun } from '../engine.ts'
import { startTicksOf } from '../start-ticks.ts'
import { endGroup } from './end-group.ts'
import { createLineSplitter } from './line-splitter.ts'
import { createComplaints } from './messages.ts'
import type { Complaint } from './messages.ts'

/** How pgBackRest is started on this host. */
export interface EngineProgram {
  /** The program with what comes before its own arguments, such as `sudo -n -u postgres pgbackrest`. */
  readonly command: readonly string[]
  readonly configFile: string
  readonly stanza: string
  /** As whom it runs, which only root may say. */
  readonly user?: { readonly uid: number; readonly gid: number } | undefined
  /** 0 to 19. */
  readonly nice: number
  /** Whether this member is the primary: its backups then leave the standbys alone, whatever the file says (backup-standby). */
  readonly isPrimary?: () => boolean
  readonly clock: Clock
  /** How long it may take to end after SIGTERM; 10 s unless told. */
  readonly patienceMs?: number | undefined
}

export interface EngineCall extends Pick<EngineRun, 'signal' | 'onStarted'> {
  /** Gets what it says on standard output line by line, which then is not kept. */
  readonly onLine?: (line: string) => void
  /** Of the output that is kept; with more it is ended. 8 MiB unless told. */
  readonly maxBytes?: number
}

export interface EngineAnswer {
  /** Null when a signal ended it. */
  readonly status: number | null
  readonly signal: NodeJS.Signals | null
  /** Empty where lines were asked for. */
  readonly output: string
  readonly complaints: readonly Complaint[]
  /** What others said on its standard error: sudo, ssh, the loader. */
  readonly stray: readonly string[]
}

/** No PGBACKREST_* variable of ours gets there: options come from its file and from what we write here. */
const environment = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' }

const usualPatienceMs = 10_000
/** After the leader has ended, for what it has started. */
const afterwardsMs = 2_000

/**
 * Runs one command of pgBackRest to its end, without a shell, in a process group of its own. Whatever it ends with is an
 * answer. When the signal aborts, the group gets SIGTERM and then SIGKILL, and this rejects once nothing of it is left.
 * @param args never a secret: other users see them
 * @throws BackupFailure configuration when it cannot be started, timed-out when the signal's reason is a timeout, other for too
 *   much output; PgherdError CANCELLED for any other abort; whatever onStarted rejects with
 */
export async function runEngine(
  program: EngineProgram,
  args: readonly string[],
  { signal, onLine, onStarted, maxBytes = 8 * 1024 * 1024 }: EngineCall,
): Promise<EngineAnswer> {
  const { clock, user, nice, patienceMs = usualPatienceMs } = program
  if (signal.aborted) throw abortOf(signal, args)
  const [file = '', ...before] =
    nice === 0 ? program.command : ['nice', '-n', String(nice), ...program.command]
  const all = [...before, `--config=${program.configFile}`, `--stanza=${program.stanza}`, ...args]
  const child = spawn(file, all, {
    ...{ cwd: '/', detached: true, stdio: ['ignore', 'pipe', 'pipe'], env: environment },
    ...(user ?? {}),
  })
  const exited = exitOf(child)
  const kept: Buffer[] = []
  let keptBytes = 0
  const said = createComplaints()
  const logged = createComplaints()
  const lines = createLineSplitter((line) => {
    logged.take(line)
    onLine?.(line)
  })
  const errors = createLineSplitter((line) => said.take(line))
  const stop = Promise.withResolvers<never>()
  stop.promise.catch(() => undefined)
  const abort = (): void => stop.reject(abortOf(signal, args))
  signal.addEventListener('abort', abort)
  child.stdout.on('data', (part: Buffer) => {
    if (onLine !== undefined) lines.take(part)
    else if ((keptBytes += part.length) <= maxBytes) kept.push(part)
    else stop.reject(tooMuch(args, maxBytes))
  })
  child.stderr.on('data', (part: Buffer) => errors.take(part))

  try {
    if (child.pid !== undefined) {
      const startTicks = await startTicksOf(child.pid)
      if (startTicks !== undefined) await onStarted?.({ pid: child.pid, startTicks })
    }
    const { status, signal: killer } = await Promise.race([exited, stop.promise])
    await closed(child, clock, Math.min(afterwardsMs, patienceMs))
    lines.end()
    errors.end()
    const { complaints, stray } = said.told()
    return {
      ...{ status, signal: killer, stray },
      output: Buffer.concat(kept).toString(),
      complaints: [...logged.told().complaints, ...complaints],
    }
  } catch (error) {
    if (child.pid === undefined) throw notStarted(file, error)
    const hasEnded = await endGroup(child.pid, { clock, patienceMs })
    child.stdout.destroy()
    child.stderr.destroy()
    if (!hasEnded) throw leftRunning(child.pid, error)
    throw error
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

function exitOf(child: ChildProcess) {
  const exit = Promise.withResolvers<{ status: number | null; signal: NodeJS.Signals | null }>()
  child.once('exit', (status, signal) => exit.resolve({ status, signal }))
  child.once('error', exit.reject)
  exit.promise.catch(() => undefined)
  return exit.promise
}

/** All that was written has come; who still holds the pipes is ended, because nobody waits for it. */
async function closed(child: ChildProcess, clock: Clock, patienceMs: number): Promise<void> {
  const over = new AbortController()
  const close = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const isOpen = child.stdout?.closed === false || child.stderr?.closed === false
  if (isOpen) await Promise.race([close, clock.sleep(patienceMs, over.signal)])
  over.abort()
  if (child.pid !== undefined) await endGroup(child.pid, { clock, patienceMs })
  child.stdout?.destroy()
  child.stderr?.destroy()
}

function abortOf(signal: AbortSignal, [command = '']: readonly string[]): Error {
  const reason: unknown = signal.reason
  const isTimeout =
    reason instanceof Error && (reason.name === 'TimeoutError' || hasCode(reason, 'TIMED_OUT'))
  return isTimeout
    ? new BackupFailure('timed-out', `pgBackRest's ${command} did not end in time and was ended`, {
        cause: reason,
      })
    : new PgherdError('CANCELLED', `pgBackRest's ${command} was cancelled`, { cause: reason })
}

function hasCode(error: Error, code: string): boolean {
  return 'code' in error && error.code === code
}

function tooMuch([command = '']: readonly string[], maxBytes: number): BackupFailure {
  return new BackupFailure(
    'other',
    `pgBackRest's ${command} answers with more than ${maxBytes} bytes and was ended`,
  )
}

function notStarted(file: string, error: unknown): BackupFailure {
  const why = systemCodeOf(error) === 'ENOENT' ? 'it is not installed' : messageOf(error)
  return new BackupFailure('configuration', `${file} cannot be started: ${why}`, { cause: error })
}

function leftRunning(pid: number, cause: unknown): BackupFailure {
  return new BackupFailure(
    'other',
    `pgBackRest was to end and still runs as process ${pid}: it waits for a disk, or runs as another user (sudo) whom this agent may not signal`,
    { cause },
  )
}
