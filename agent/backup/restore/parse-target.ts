import { PgherdError } from '../../../common/errors.ts'
import type { RecoveryTarget } from '../engine.ts'

/** As an operator gives it; at most one of the first five. */
export interface TargetText {
  readonly time?: string | undefined
  readonly xid?: string | undefined
  readonly lsn?: string | undefined
  readonly name?: string | undefined
  readonly immediate?: boolean | undefined
}

/** Without a zone it would mean another moment on each host. */
const timePattern =
  /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?) ?(Z|UTC|[+-]\d{2}(?::?\d{2})?)$/

/**
 * Whether a target has a before and a behind: recovery_target_inclusive is of times, transactions and positions alone.
 * @throws PgherdError BAD_REQUEST where it has none
 */
export function checkExclusive({ kind }: RecoveryTarget): void {
  if (kind === 'time' || kind === 'xid' || kind === 'lsn') return
  const what = {
    immediate: 'the end of the backup is no record of the log that could be left out',
    latest: 'the end of the log is wherever it ends',
    name: 'a restore point changes nothing, so that before and behind it are the same',
  }[kind]
  throw new PgherdError('BAD_REQUEST', `exclusive: ${what}; allowed: with a time, xid or lsn`)
}

/** @throws PgherdError BAD_REQUEST for a time that cannot be read, or several targets */
export function parseTarget(text: TargetText): RecoveryTarget {
  const { time, xid, lsn, name, immediate } = text
  const given = [time, xid, lsn, name, immediate === true ? 'immediate' : undefined].filter(
    (one) => one !== undefined,
  )
  if (given.length > 1) throw new PgherdError('BAD_REQUEST', `${given.join(' and ')}: one target at most`)
  if (xid !== undefined) return { kind: 'xid', value: xid }
  if (lsn !== undefined) return { kind: 'lsn', value: lsn }
  if (name !== undefined) return { kind: 'name', value: name }
  if (time !== undefined) return { kind: 'time', atMs: timeOf(time), text: time }
  return { kind: immediate === true ? 'immediate' : 'latest' }
}

function timeOf(text: string): number {
  const [, date = '', clock = '', zone = ''] = timePattern.exec(text.trim()) ?? []
  const offset = /^([+-]\d{2}):?(\d{2})?$/.exec(zone)
  const iso = `${date}T${clock}${offset === null ? 'Z' : `${offset[1] ?? ''}:${offset[2] ?? '00'}`}`
  const ms = Date.parse(iso)
  // Date.parse takes 30 February for 2 March.
  const isReal = !Number.isNaN(ms) && new Date(`${date}T00:00:00Z`).toISOString().startsWith(date)
  if (isReal) return ms
  throw new PgherdError(
    'BAD_REQUEST',
    `${text} cannot be read as a time; allowed: a date, a time and a zone, such as 2026-11-23 10:00:00+00`,
  )
}
