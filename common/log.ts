import { pino } from 'pino'
import type { Logger } from 'pino'

export type Log = Pick<Logger, 'debug' | 'info' | 'warn' | 'error'> & { child(bindings: object): Log }

export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const
export type LogLevel = (typeof logLevels)[number]

/** A log whose level, and that of its children, can be changed while it is used. */
export interface AdjustableLog extends Log {
  threshold(): LogLevel
  setThreshold(level: LogLevel): void
}

/** Lines that wait for a full disk under the log; what comes after them is dropped. */
const maxWaitingBytes = 1 << 20

/**
 * One JSON line per event on standard error, which journald and every log shipper read as they are.
 * Synchronous, so that the last line before a crash is there. A log that cannot be written (its file is on a disk
 * that is full, its reader is gone) never disturbs whoever logs.
 */
export function createLog(options: { level: LogLevel; program: string }): AdjustableLog {
  const destination = pino.destination({ fd: 2, sync: true, maxLength: maxWaitingBytes })
  // Without a listener the error is thrown where the line was logged.
  destination.on('error', () => undefined)
  let level = options.level
  const children: WeakRef<Logger>[] = []
  const log = pino(
    {
      level,
      // A child keeps the level that it was made with.
      onChild: (child) => void children.push(new WeakRef(child)),
      base: { program: options.program },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  )
  return Object.assign(log, {
    threshold: () => level,
    setThreshold(to: LogLevel) {
      level = to
      log.level = to
      for (const child of children) {
        const alive = child.deref()
        if (alive !== undefined) alive.level = to
      }
    },
  })
}

/** A log that goes nowhere: for tests and one-shot commands. */
export const silentLog: Log = pino({ level: 'silent' })
