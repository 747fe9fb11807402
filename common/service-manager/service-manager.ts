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
  /**
   * The program has begun to end, from when on systemd asks for no more pings, but has a deadline for the end, which is
   * not to be waited away here: a systemd-notify that hangs resolves this late.
   */
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

/** EXTEND_TIMEOUT_USEC (sd_notify(3)): the start has so long from each message on; TimeoutStartSec= where that is later. */
const startExtensionMs = 90_000

/**
 * Tells the service manager when the program is ready and when it stops, and pings its watchdog twice in the time it
 * gives, while there is no problem; before that the start is given more time in the same way. The ping comes from a
 * timer, so that an event loop that hangs sends none. A ping that was not sent is tried five times as often.
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
  const starting = new AbortController()
  const ending = new AbortController()
  let feeding: Promise<void> | undefined
  let isUnheard = false
  const tell = async (assignments: readonly string[], signal?: AbortSignal): Promise<boolean> => {
    try {
      await notify(assignments, signal)
      isUnheard = false
    } catch (error) {
      if (signal?.aborted === true) return false
      // The first of a series is news, as a ping is tried over and over.
      if (!isUnheard) log.warn({ error: messageOf(error) }, 'the service manager could not be told')
      isUnheard = true
    }
    return !isUnheard
  }
  const extendStart = async (): Promise<void> => {
    const { signal } = starting
    for (;;) {
      await clock.sleep(startExtensionMs / 3, signal)
      if (signal.aborted) return
      if (problem() === undefined) await tell([`EXTEND_TIMEOUT_USEC=${startExtensionMs * 1000}`], signal)
    }
  }
  const extending = extendStart()
  const feed = async (everyMs: number): Promise<void> => {
    let lastProblem: string | undefined
    const { signal } = ending
    while (!signal.aborted) {
      const found = problem()
      let isFed = false
      if (found === undefined) isFed = await tell(['WATCHDOG=1'], signal)
      else if (found !== lastProblem) {
        log.error({ problem: found }, 'the watchdog of the service manager is not fed')
        await tell([`STATUS=${found}`], signal)
      }
      lastProblem = found
      await clock.sleep(isFed ? everyMs : everyMs / 5, signal)
    }
  }
  const stopFeeding = async (): Promise<void> => {
    starting.abort()
    ending.abort()
    await Promise.all([extending, feeding])
  }
  return {
    async ready(status) {
      starting.abort()
      await extending
      await tell(['READY=1', `STATUS=${status}`])
      if (watchdogMs !== undefined) feeding ??= feed(watchdogMs / 2)
    },
    async stopping() {
      await stopFeeding()
      await tell(['STOPPING=1', 'STATUS=stopping'])
    },
    [Symbol.asyncDispose]: stopFeeding,
  }
}
