import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { Socket } from 'node:net'
import type { Readable, Transform, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Clock } from '../../../common/clock.ts'
import { PgherdError, messageOf, systemCodeOf } from '../../../common/errors.ts'
import { BackupFailure } from '../backup-failure.ts'
import type { EngineRun } from '../engine.ts'
import { startTicksOf } from '../start-ticks.ts'
import { endGroup } from './end-group.ts'

/** A program and how it is started on this host. */
export interface GroupProgram {
  /** The program with what comes before its own arguments. */
  readonly command: readonly string[]
  /** As whom it runs, which only root may say. */
  readonly user?: { readonly uid: number; readonly gid: number } | undefined
  /** 0 to 19. */
  readonly nice: number
  readonly clock: Clock
  /** How long it may take to end after SIGTERM; 10 s unless told. */
  readonly patienceMs?: number | undefined
}

export interface GroupCall extends Pick<EngineRun, 'signal' | 'onStarted'> {
  /** Such as `pgBackRest's backup`, for messages. */
  readonly what: string
  /** Beside PATH and LC_ALL. */
  readonly environment?: Readonly<Record<string, string>>
  /**
   * A stream and what it goes through; nothing unless told. What it fails with, this fails with; that the program does not read all
   * of it is no failure.
   */
  readonly input?: GroupInput
  /** @param stop ends the program; this then rejects with the reason */
  readonly onOutput: (part: Buffer, stop: (reason: Error) => void) => void
  readonly onErrors: (part: Buffer) => void
}

export type GroupInput = readonly [Readable, ...Transform[]]

export interface GroupEnd {
  /** Null when a signal ended it. */
  readonly status: number | null
  readonly signal: NodeJS.Signals | null
}

/** No variable of ours gets there: options come from files and from what we write here. */
export const basicEnvironment = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LC_ALL: 'C',
}

/**
 * Waits for a line before it becomes the program: what nobody has noted yet has not begun, and ends when we do. The positional
 * parameters are the program and its arguments.
 */
const gate = ['sh', '-c', 'read -r _ <&3 && exec "$@" 3<&-', 'sh']

const usualPatienceMs = 10_000
/** After the leader has ended, for what it has started. */
const afterwardsMs = 2_000

/**
 * Runs a program to its end, without a shell, in a process group of its own. Whatever it ends with is an
 * answer. When the signal aborts, the group gets SIGTERM and then SIGKILL, and this rejects once nothing of it is left.
 * @param args never a secret: other users see them
 * @throws BackupFailure configuration when it cannot be started, timed-out when the signal's reason is a timeout; PgherdError
 *   CANCELLED for any other abort; whatever onStarted, the input, or a stop reject with
 */
export async function runGroup(
  program: GroupProgram,
  args: readonly string[],
  call: GroupCall,
): Promise<GroupEnd> {
  const { clock, user, nice, patienceMs = usualPatienceMs } = program
  const { signal, what, input, onStarted } = call
  if (signal.aborted) throw abortOf(signal, what)
  const [file = '', ...before] = [
    ...(onStarted === undefined ? [] : gate),
    ...(nice === 0 ? [] : ['nice', '-n', String(nice)]),
    ...program.command,
  ]
  const child: ChildProcess = spawn(file, [...before, ...args], {
    ...{ cwd: '/', detached: true, env: { ...basicEnvironment, ...call.environment } },
    stdio: [
      input === undefined ? 'ignore' : 'pipe',
      'pipe',
      'pipe',
      ...(onStarted === undefined ? [] : ['pipe' as const]),
    ],
    ...(user ?? {}),
  })
  const exited = exitOf(child)
  const stopped = Promise.withResolvers<never>()
  stopped.promise.catch(() => undefined)
  const abort = (): void => stopped.reject(abortOf(signal, what))
  signal.addEventListener('abort', abort)
  child.stdout?.on('data', (part: Buffer) => call.onOutput(part, stopped.reject))
  child.stderr?.on('data', (part: Buffer) => call.onErrors(part))

  try {
    if (child.pid !== undefined) {
      const startTicks = await startTicksOf(child.pid)
      if (startTicks !== undefined) await onStarted?.({ pid: child.pid, startTicks })
      openGate(child)
    }
    const fed =
      input === undefined || child.stdin === null
        ? undefined
        : feed(input, child.stdin).catch((error: unknown) => stopped.reject(error))
    const end = await Promise.race([exited, stopped.promise])
    await Promise.race([fed, stopped.promise])
    await closed(child, clock, Math.min(afterwardsMs, patienceMs))
    return end
  } catch (error) {
    if (child.pid === undefined) throw notStarted(file, error)
    const hasEnded = await endGroup(child.pid, { clock, patienceMs })
    for (const stream of [child.stdin, child.stdout, child.stderr, ...(input ?? [])]) stream?.destroy()
    if (!hasEnded) throw leftRunning(child.pid, what, error)
    throw error
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

function openGate({ stdio: [, , , entrance] }: ChildProcess): void {
  if (!(entrance instanceof Socket)) return
  // Nobody waits there any more when it has been ended meanwhile.
  entrance.on('error', () => undefined)
  entrance.end('\n')
}

async function feed(input: GroupInput, stdin: Writable): Promise<void> {
  try {
    await pipeline([...input, stdin])
  } catch (error) {
    if (!['EPIPE', 'ERR_STREAM_PREMATURE_CLOSE'].includes(systemCodeOf(error) ?? '')) throw error
  }
}

function exitOf(child: ChildProcess) {
  const exit = Promise.withResolvers<GroupEnd>()
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

function abortOf(signal: AbortSignal, what: string): Error {
  const reason: unknown = signal.reason
  const isTimeout =
    reason instanceof Error && (reason.name === 'TimeoutError' || systemCodeOf(reason) === 'TIMED_OUT')
  return isTimeout
    ? new BackupFailure('timed-out', `${what} did not end in time and was ended`, { cause: reason })
    : new PgherdError('CANCELLED', `${what} was cancelled`, { cause: reason })
}

function notStarted(file: string, error: unknown): BackupFailure {
  const why = systemCodeOf(error) === 'ENOENT' ? 'it is not installed' : messageOf(error)
  return new BackupFailure('configuration', `${file} cannot be started: ${why}`, { cause: error })
}

function leftRunning(pid: number, what: string, cause: unknown): BackupFailure {
  return new BackupFailure(
    'other',
    `${what} was to end and still runs as process ${pid}: it waits for a disk, or runs as another user (sudo) whom this agent may not signal`,
    { cause },
  )
}
