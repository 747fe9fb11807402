import type { Clock } from '../../../common/clock.ts'
import type { RecoveryLog, RecoveryStop } from './recovery-log.ts'
import type { ScratchServer } from './scratch-server.ts'
import { scratchSession } from './scratch-session.ts'

/** Where recovery has ended. */
export interface RecoveryPoint {
  /** Behind the last record that was replayed. */
  readonly lsn: string
  /** Of the last commit that was replayed; null when there was none since the backup. */
  readonly commitMs: number | null
  readonly timeline: number
  /** It waits at its target and can still go further; otherwise it is open for writing. */
  readonly isPaused: boolean
  /** What it met, of a target; null at the end of the log. */
  readonly stop: RecoveryStop | null
}

const timeoutMs = 10_000

/** @throws PgherdError of the connection or of the question */
export async function readPoint(
  server: ScratchServer,
  log: RecoveryLog,
  options: { readonly superuser: string; readonly clock: Clock },
): Promise<RecoveryPoint> {
  await using session = scratchSession(server, { ...options, database: 'postgres' })
  await session.connect(timeoutMs)
  const { rows } = await session.query({ text: query }, timeoutMs)
  const [lsn, commit, timeline, isPaused] = rows[0]!
  return {
    lsn: lsn ?? '0/0',
    commitMs: commit === null || commit === undefined ? null : Math.round(Number(commit) * 1000),
    timeline: log.newTimeline ?? Number(timeline),
    isPaused: isPaused === 't',
    stop: log.stop,
  }
}

/** The two functions of the replay go on to answer once it is over. */
const query = `
  select pg_last_wal_replay_lsn(), extract(epoch from pg_last_xact_replay_timestamp()),
         (select timeline_id from pg_control_checkpoint()),
         case when pg_is_in_recovery() then pg_is_wal_replay_paused() else false end`

/** Such as `the commit of 2026-11-27 09:00:00.123+00 (LSN 0/5000110, timeline 1, before commit of transaction 740)`. */
export function describePoint(point: Omit<RecoveryPoint, 'isPaused'>): string {
  const { commitMs, lsn, timeline, stop } = point
  const [, side, what] = /^recovery stopping (before|after|at) ([^,]+)/.exec(stop?.text ?? '') ?? []
  const where = what === undefined || what === 'reaching consistency' ? undefined : `${side} ${what}`
  const facts = [`LSN ${lsn}`, `timeline ${timeline}`]
  if (commitMs !== null) {
    const at = new Date(commitMs).toISOString().replace('T', ' ').replace('Z', '+00')
    return `the commit of ${at} (${[...facts, ...(where === undefined ? [] : [where])].join(', ')})`
  }
  const at =
    where === undefined ? 'the end of the backup' : `the point ${where}, without a commit since the backup`
  return `${at} (${facts.join(', ')})`
}
