/** What a server's log says of its recovery so far. */
export interface RecoveryLog {
  /** The newest segment, or history file, that came from the archive. */
  readonly restoredSegment: string | null
  readonly isConsistent: boolean
  /** Sessions can look, while the log is replayed. */
  readonly takesReaders: boolean
  /** The target was met. */
  readonly stop: RecoveryStop | null
  /** It waits at its target. */
  readonly isPaused: boolean
  /** Recovery is over, and the server is open for writing. */
  readonly isOpen: boolean
  readonly newTimeline: number | null
  /** When the last transaction that was replayed was committed, as the server says it. */
  readonly lastCommit: string | null
  /** Settings that must be higher than they are, with what they must be. */
  readonly tooLow: ReadonlyMap<string, number>
  /** A module is missing that has records of its own in the log. */
  readonly needsModule: boolean
  /** Of FATAL and PANIC, with what was said to explain them; the last few. */
  readonly fatal: readonly string[]
  /** What the command that gets segments from the archive complained about last. */
  readonly archiveError: string | null
  /** Pages that failed their checksum, as far as told; at most 20 are kept. */
  readonly badPages: readonly string[]
}

/** Where recovery stopped: `recovery stopping before commit of transaction 740, time 2026-11-27 09:00:00.1+00`. */
export interface RecoveryStop {
  readonly text: string
  readonly xid: string | null
  readonly lsn: string | null
  readonly atMs: number | null
}

export const emptyRecoveryLog: RecoveryLog = {
  restoredSegment: null,
  isConsistent: false,
  takesReaders: false,
  stop: null,
  isPaused: false,
  isOpen: false,
  newTimeline: null,
  lastCommit: null,
  tooLow: new Map(),
  needsModule: false,
  fatal: [],
  archiveError: null,
  badPages: [],
}

/** With log_line_prefix '%m [%p] '. */
const linePattern = /^\d{4}-\d\d-\d\d \S+ \S+ \[\d+\] ([A-Z0-9]+): {2}(.*)$/
const keptFatal = 6
const keptPages = 20

/**
 * One more line. The messages are PostgreSQL's, untranslated, the same from 10 to 18 but for those of settings that are too low
 * (xlogrecovery.c, before 15 xlog.c).
 */
export function withLine(log: RecoveryLog, line: string): RecoveryLog {
  const match = linePattern.exec(line)
  if (match === null) return withForeignLine(log, line)
  const [, level = '', text = ''] = match
  const tooLow = lowSetting(text)
  if (tooLow !== undefined) {
    return { ...withFatal(log, level, text), tooLow: new Map([...log.tooLow, tooLow]) }
  }
  if (/resource manager with ID \d+ not registered/.test(text)) {
    return { ...withFatal(log, level, text), needsModule: true }
  }
  if (/page verification failed|invalid page in block/.test(text)) {
    const badPages = log.badPages.length < keptPages ? [...log.badPages, text] : log.badPages
    return withFatal({ ...log, badPages }, level, text)
  }
  if (level === 'LOG') return withFact(log, text)
  return withFatal(log, level, text)
}

function withFact(log: RecoveryLog, text: string): RecoveryLog {
  const restored = /^restored log file "([0-9A-F]{24})" from archive/.exec(text)?.[1]
  if (restored !== undefined) return { ...log, restoredSegment: restored }
  if (text.startsWith('consistent recovery state reached')) return { ...log, isConsistent: true }
  if (/^database system is ready to accept read[- ]only connections/.test(text)) {
    return { ...log, takesReaders: true }
  }
  if (text.startsWith('recovery stopping ')) return { ...log, stop: stopOf(text) }
  if (text === 'pausing at the end of recovery') return { ...log, isPaused: true }
  // Before 13 there is no other word for it; of other pauses it is said as well, and they have no stop before them.
  if (text === 'recovery has paused' && log.stop !== null) return { ...log, isPaused: true }
  if (/^(invalid value for parameter|unrecognized configuration parameter|parameter ".*" )/.test(text)) {
    return { ...log, fatal: [...log.fatal, text].slice(-keptFatal) }
  }
  const lastCommit = /^last completed transaction was at log time (.+)$/.exec(text)?.[1]
  if (lastCommit !== undefined) return { ...log, lastCommit }
  const timeline = /^selected new timeline ID: (\d+)/.exec(text)?.[1]
  if (timeline !== undefined) return { ...log, newTimeline: Number(timeline) }
  if (text === 'database system is ready to accept connections') return { ...log, isOpen: true }
  return log
}

function withFatal(log: RecoveryLog, level: string, text: string): RecoveryLog {
  const explains = (level === 'DETAIL' || level === 'HINT') && log.fatal.length > 0
  if (level !== 'FATAL' && level !== 'PANIC' && !explains) return log
  // One who connects too early is told so by a FATAL, of which there may be many.
  if (/^the database system is (starting up|not yet accepting|not accepting|in recovery)/.test(text))
    return log
  return { ...log, fatal: [...log.fatal, text].slice(-keptFatal) }
}

/** pgBackRest's lines, `P00  ERROR: [049]: ...`, and those of other commands that get segments, are between the server's own. */
function withForeignLine(log: RecoveryLog, line: string): RecoveryLog {
  const text = line.trim()
  return /\b(error|cannot|failed|unable)\b/i.test(text) ? { ...log, archiveError: text.slice(0, 300) } : log
}

/** Of PostgreSQL before 14 a FATAL, since then the DETAIL of a WARNING, after which recovery pauses. */
function lowSetting(text: string): readonly [string, number] | undefined {
  const match =
    /(\w+) = \d+ is a lower setting than on the (?:primary|master) server,? (?:where its value was|\(its value was) (\d+)/.exec(
      text,
    )
  return match === null ? undefined : [match[1]!, Number(match[2])]
}

function stopOf(text: string): RecoveryStop {
  const time = /, time (\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?)([+-]\d\d)(:\d\d)?/.exec(text)
  const atMs =
    time === null ? Number.NaN : Date.parse(`${time[1]!}T${time[2]!}${time[3]!}${time[4] ?? ':00'}`)
  return {
    text: text.slice(0, 300),
    xid: / transaction (\d+)/.exec(text)?.[1] ?? null,
    lsn: /\(LSN\) "([0-9A-F]+\/[0-9A-F]+)"/.exec(text)?.[1] ?? null,
    atMs: Number.isFinite(atMs) ? atMs : null,
  }
}
