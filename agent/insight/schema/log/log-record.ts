/** What of a line of the server's log says who ran what. */
export interface LogRecord {
  /** Milliseconds since the epoch. */
  readonly atMs: number
  readonly user: string
  readonly database: string
  readonly pid: number | null
  readonly application: string | null
  readonly client: string | null
  /** Of the transaction; null before it has one, or where it is not logged. */
  readonly xid: string | null
  readonly virtualXid: string | null
  readonly severity: string
  readonly message: string
  /** Of an error: the statement that failed. */
  readonly failed: string | null
}

export const logFormats = ['jsonlog', 'csvlog', 'stderr'] as const
export type LogFormat = (typeof logFormats)[number]

/**
 * A time as the log has it, `2026-11-28 01:12:35.123 CET`: the name of the zone may mean several, so that its offset is asked.
 * @param offsetMs of log_timezone from UTC
 */
export function readLogTime(text: string, offsetMs: number): number | undefined {
  const found = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?)/.exec(text)
  if (found === null) return undefined
  const atMs = Date.parse(`${found[1]}T${found[2]}Z`)
  return Number.isNaN(atMs) ? undefined : atMs - offsetMs
}

/** Null for a number that stands for no transaction, and for what is empty. */
export function orNull(text: string | undefined): string | null {
  return text === undefined || text === '' || text === '0' ? null : text
}

/** Of a host, or of a host with its port; null of a socket. */
export function readClient(text: string | undefined): string | null {
  const host = (text ?? '').replace(/\(\d+\)$/, '').replace(/^([^:]*|.*:.*:.*):\d+$/, '$1')
  return host === '' || host === '[local]' ? null : host
}
