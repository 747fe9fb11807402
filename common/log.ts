import { fstatSync } from 'node:fs'
import { pino } from 'pino'
import type { DestinationStream, Logger } from 'pino'

export type Log = Pick<Logger, 'debug' | 'info' | 'warn' | 'error'> & { child(bindings: object): Log }

export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const
export type LogLevel = (typeof logLevels)[number]

/** A log whose level, and that of its children, can be changed while it is used. */
export interface AdjustableLog extends Log {
  threshold(): LogLevel
  setThreshold(level: LogLevel): void
}

/** Those of syslog(3), which journald reads at the beginning of a line (sd-daemon(3)). */
const priorities: Readonly<Record<string, number>> = { debug: 7, info: 6, warn: 4, error: 3 }

/** Lines that wait for a full disk under the log; what comes after them is dropped. */
const maxWaitingBytes = 1 << 20

/**
 * One JSON line per event on standard error, which journald and every log shipper read as they are.
 * Synchronous, so that the last line before a crash is there. A log that cannot be written (its file is on a disk
 * that is full, its reader is gone) never disturbs whoever logs. Where standard error is journald's, each line begins with its priority.
 * @param options.journalStream $JOURNAL_STREAM, by which systemd says which stream that is
 */
export function createLog(options: {
  level: LogLevel
  program: string
  journalStream?: string | undefined
}): AdjustableLog {
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
    isJournal(options.journalStream) ? withPriority(destination) : destination,
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

/** Whether standard error is still what systemd made it: a program that redirects it passes the variable on all the same. */
function isJournal(journalStream: string | undefined): boolean {
  if (journalStream === undefined) return false
  try {
    const { dev, ino } = fstatSync(2, { bigint: true })
    return journalStream === `${dev}:${ino}`
  } catch {
    return false
  }
}

function withPriority(destination: { write(text: string): unknown }): DestinationStream {
  return {
    write(line) {
      // `{"level":"warn",` comes first, of every child as well.
      const level = line.slice(levelAt, line.indexOf('"', levelAt))
      destination.write(`<${priorities[level] ?? 6}>${line}`)
    },
  }
}

const levelAt = '{"level":"'.length

/** A log that goes nowhere: for tests and one-shot commands. */
export const silentLog: Log = pino({ level: 'silent' })
