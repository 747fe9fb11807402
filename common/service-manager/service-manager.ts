import type { Clock } from '../clock.ts'
import { messageOf } from '../errors.ts'
import type { Log } from '../log.ts'
import { createNotify } from './notify-socket.ts'
import type { Notify } from './notify-socket.ts'

export interface ServiceManagerOptions {
  /** As `takeSupervision` gave it; nothing is told without it. */
  readonly supervision: Supervision | undefined
  readonly clock: Clock
  readonly log: Log
  /** Why this program is to be restarted, undefined while it does its work. Asked before each ping. */
  readonly problem: () => string | undefined
  readonly notify?: Notify
}

export interface Supervision {
  readonly socket: string
  readonly path: string | undefined
  /** Time without a ping after which the service manager ends the program, undefined without a watchdog. */
  readonly watchdogMs: number | undefined
}

/** What started this program and watches over it: systemd, or nobody. */
export interface ServiceManager extends AsyncDisposable {
  /** The program does its work from now on; the watchdog is fed from here. @param status one line for `systemctl status` */
  ready(status: string): Promise<void>
  /** The program has begun to end, from when on systemd asks for no more pings, but has a deadline for the end. */
  stopping(): Promise<void>
}

/**
 * Reads what systemd says of itself and takes it out of the environment: a PostgreSQL server that this program starts
 * would tell systemd that it is ready, or that it stops, in the name of this program.
 * @param pid a watchdog that is meant for another process (WATCHDOG_PID) is none
 */
export function takeSupervision(environment: NodeJS.ProcessEnv, pid: number): Supervision | undefined {
  const { NOTIFY_SOCKET: socket, WATCHDOG_USEC: usec, WATCHDOG_PID: watched, PATH: path } = environment
  delete environment['NOTIFY_SOCKET']
  delete environment['WATCHDOG_USEC']
  delete environment['WATCHDOG_PID']
  if (socket === undefined || socket === '') return undefined
  const isWatched = watched === undefined || watched === String(pid)
  const watchdogMs = isWatched && /^[1-9]\d*$/.test(usec ?? '') ? Number(usec) / 1000 : undefined
  return { socket, path, watchdogMs }
}

/**
 * Tells the service manager when the program is ready and when it stops, and pings its watchdog twice in the time it
 * gives, while there is no problem. The ping comes from a timer, so that an event loop that hangs sends none.
 */
export function createServiceManager(options: ServiceManagerOptions): ServiceManager {
  const { supervision, clock, log, problem } = options
  if (supervision === undefined) {
    return {
      ready: () => Promise.resolve(),
      stopping: () => Promise.resolve(),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    }
  }
  const { watchdogMs } = supervision
  const notify = options.notify ?? createNotify(supervision.socket, supervision.path)
  const ending = new AbortController()
  let feeding: Promise<void> | undefined
  let isUnheard = false
  const tell = async (...assignments: readonly string[]): Promise<void> => {
    try {
      await notify(...assignments)
      isUnheard = false
    } catch (error) {
      // The first of a series is news, as a ping is tried over and over.
      if (!isUnheard) log.warn({ error: messageOf(error) }, 'the service manager could not be told')
      isUnheard = true
    }
  }
  const feed = async (everyMs: number): Promise<void> => {
    let lastProblem: string | undefined
    while (!ending.signal.aborted) {
      const found = problem()
      if (found === undefined) await tell('WATCHDOG=1')
      else if (found !== lastProblem) {
        log.error({ problem: found }, 'the watchdog of the service manager is not fed')
        await tell(`STATUS=${found}`)
      }
      lastProblem = found
      await clock.sleep(everyMs, ending.signal)
    }
  }
  const stopFeeding = async (): Promise<void> => {
    ending.abort()
    await feeding
  }
  return {
    async ready(status) {
      await tell('READY=1', `STATUS=${status}`)
      if (watchdogMs !== undefined) feeding ??= feed(watchdogMs / 2)
    },
    async stopping() {
      await stopFeeding()
      await tell('STOPPING=1', 'STATUS=stopping')
    },
    [Symbol.asyncDispose]: stopFeeding,
  }
}
