import type { Child, ChildOptions } from '../process.ts'
import type { Host } from './host.ts'

/** A program of a host that can be killed, stopped by a signal and started again with the same files. */
export interface Service {
  readonly name: string
  readonly logFile: string
  /** @throws Error while it is down */
  readonly pid: number
  isRunning(): boolean
  logTail(lines?: number): string
  start(): Promise<void>
  signal(signal: NodeJS.Signals): void
  /** SIGTERM unless told, and SIGKILL after 10 s; resolves when it is gone. */
  stop(signal?: NodeJS.Signals): Promise<void>
}

export async function startService(host: Host, options: ChildOptions): Promise<Service> {
  let child: Child = await host.spawn(options)
  return {
    name: options.name,
    logFile: options.logFile,
    get pid() {
      if (!child.isAlive()) throw new Error(`${options.name} is not running: ${child.ending() ?? ''}`)
      return child.pid
    },
    isRunning: () => child.isAlive(),
    logTail: (lines) => child.logTail(lines),
    async start() {
      if (!child.isAlive()) child = await host.spawn(options)
    },
    signal: (signal) => child.signal(signal),
    stop: (signal) => child.stop(signal),
  }
}
