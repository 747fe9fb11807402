import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { once } from 'node:events'
import { guardProcess } from './guard.ts'
import { childEnvironment } from './child-environment.ts'
import { isAlive, residentBytes, signalProcess } from './process-table.ts'
import type { Owner } from './unprivileged.ts'
import { waitFor } from './wait.ts'

export interface ChildOptions {
  /** For messages: "the collector". */
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  /** Standard output and error are appended here. */
  readonly logFile: string
  /** Added to the small environment that every child gets. */
  readonly environment?: Readonly<Record<string, string>>
  readonly owner?: Owner | undefined
  /** How it ends at once and still cleans up after itself; SIGKILL, which cleans up nothing, unless told. */
  readonly quickSignal?: NodeJS.Signals
}

export interface Child extends AsyncDisposable {
  readonly name: string
  readonly pid: number
  readonly logFile: string
  isAlive(): boolean
  /** How it ended: `exit status 1`, `SIGKILL`; undefined while it runs. */
  ending(): string | undefined
  /** Exit status, or null when a signal ended it; resolves at its end. */
  readonly exited: Promise<number | null>
  residentBytes(): number
  logTail(lines?: number): string
  signal(name: NodeJS.Signals): void
  /** Waits for a condition; the end of the process or the deadline is an error that quotes the log. */
  waitFor<T>(
    what: string,
    condition: () => Promise<T | undefined | false> | T | undefined | false,
    timeoutMs?: number,
  ): Promise<T>
  /** Sends `signal`, and SIGKILL if the process is still there after `graceMs`; resolves when it is gone. */
  stop(signal?: NodeJS.Signals, graceMs?: number): Promise<void>
}

/**
 * Starts a program in a session of its own, so that Ctrl-C in a terminal reaches only us and we decide the
 * order in which things stop.
 * @throws Error when it cannot be started
 */
export async function startChild(options: ChildOptions): Promise<Child> {
  const log = openSync(options.logFile, 'a')
  const child = spawn(options.command, options.args, {
    cwd: '/',
    detached: true,
    env: { ...childEnvironment(), ...options.environment },
    stdio: ['ignore', log, log],
    ...(options.owner === undefined ? {} : { uid: options.owner.uid, gid: options.owner.gid }),
  })
  closeSync(log)
  try {
    await once(child, 'spawn')
  } catch (error) {
    throw new Error(`cannot start ${options.name}: ${String(error)}`, { cause: error })
  }
  const pid = child.pid!
  const release = guardProcess(pid, options.quickSignal ?? 'SIGKILL')
  let ending: string | undefined
  const exited = new Promise<number | null>((resolve) => {
    child.once('exit', (status, signal) => {
      release()
      ending = signal ?? `exit status ${status ?? '?'}`
      resolve(status)
    })
  })

  const logTail = (lines = 15): string => lastLines(options.logFile, lines)
  const started: Child = {
    name: options.name,
    pid,
    logFile: options.logFile,
    exited,
    isAlive: () => ending === undefined && isAlive(pid),
    ending: () => ending,
    residentBytes: () => residentBytes(pid),
    logTail,
    signal(name) {
      if (ending === undefined) signalProcess(pid, name)
    },
    waitFor: (what, condition, timeoutMs = 15_000) =>
      waitFor(
        what,
        async () => {
          const found = await condition()
          if (found !== undefined && found !== false) return found
          if (ending !== undefined) {
            throw new Error(`${options.name} ended (${ending}) before ${what}\n${logTail()}`)
          }
          return undefined
        },
        { timeoutMs, explain: logTail },
      ),
    async stop(signal = 'SIGTERM', graceMs = 10_000) {
      if (ending !== undefined) return
      signalProcess(pid, signal)
      // A stopped process takes no signal but SIGKILL until it continues.
      signalProcess(pid, 'SIGCONT')
      const escalation = setTimeout(() => signalProcess(pid, 'SIGKILL'), graceMs)
      await exited
      clearTimeout(escalation)
    },
    async [Symbol.asyncDispose]() {
      await started.stop()
    },
  }
  return started
}

/** The last lines of a file that has text, or an empty string. */
export function lastLines(file: string, count: number): string {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-count).join('\n')
  } catch {
    return ''
  }
}
