import { pino } from 'pino'
import type { Logger } from 'pino'

export type Log = Pick<Logger, 'debug' | 'info' | 'warn' | 'error'> & { child(bindings: object): Log }

export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const
export type LogLevel = (typeof logLevels)[number]

/**
 * One JSON line per event on standard error, which journald and every log shipper read as they are.
 * Synchronous, so that the last line before a crash is there.
 */
export function createLog(options: { level: LogLevel; program: string }): Log {
  return pino(
    {
      level: options.level,
      base: { program: options.program },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    pino.destination({ fd: 2, sync: true }),
  )
}

/** A log that goes nowhere: for tests and one-shot commands. */
export const silentLog: Log = pino({ level: 'silent' })
