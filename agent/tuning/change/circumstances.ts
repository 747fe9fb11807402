import type { SettingsSession } from '../read-settings.ts'

const readMs = 5_000
const hourSeconds = 3_600
const insufficientSeconds = -1

/** Things of the server that are no time for changes, as counts; pgBackRest's backups show in no view but by the name that they give. */
const look = `
select (select count(*) from pg_stat_progress_basebackup)
         + (select count(*) from pg_stat_activity where application_name like 'pgBackRest [backup]%'),
       (select count(*) from pg_stat_activity where application_name = 'pg_upgrade' and pid <> pg_backend_pid()),
       (select count(*) from pg_stat_activity where backend_type = 'startup' and wait_event like 'RecoveryConflict%'),
       (select count(*) from pg_stat_replication r
         where r.replay_lsn is not null
           and not exists (select from pg_replication_slots s where s.active_pid = r.pid and s.slot_type = 'logical')),
       (select count(*) from pg_replication_slots where slot_type = 'physical' and not active and not temporary)`

/** When the last timeline began: its history file is written by a promotion. */
const promoted = `
select coalesce(extract(epoch from now() - max(modification)), -1)::bigint
  from pg_ls_waldir() where name like '%.history'`

/** What of the moment matters to a change. */
export interface Circumstances {
  readonly refusals: readonly string[]
  readonly notes: readonly string[]
  /** That stream from it. */
  readonly standbys: number
}

/** @throws PgherdError of the session */
export async function readCircumstances(session: SettingsSession): Promise<Circumstances> {
  const { rows } = await session.read({ text: look }, readMs)
  const [backups = 0, upgrades = 0, conflicts = 0, standbys = 0, slots = 0] = (rows[0] ?? []).map(Number)
  const seconds = session.inRecovery ? insufficientSeconds : await secondsSincePromotion(session)
  return {
    standbys,
    refusals: [
      ...(backups > 0 ? ['a base backup of this server is under way: try again when it has ended'] : []),
      ...(upgrades > 0 ? ['pg_upgrade works on this server'] : []),
      ...(conflicts > 0
        ? [
            'the replay of this standby waits for queries that are in its way (recovery conflict): try again when it goes on',
          ]
        : []),
    ],
    notes: [
      ...(seconds >= 0 && seconds < hourSeconds
        ? [
            `this server was promoted ${Math.ceil(seconds / 60)} min ago: what it does now may not be what it usually does`,
          ]
        : []),
      ...(slots > 0
        ? [
            `${slots} replication ${slots === 1 ? 'slot waits' : 'slots wait'} for a standby that is not connected`,
          ]
        : []),
    ],
  }
}

/** Less than 0 where nobody knows, which is no reason against anything. */
async function secondsSincePromotion(session: SettingsSession): Promise<number> {
  try {
    const { rows } = await session.read({ text: promoted }, readMs)
    return Number(rows[0]?.[0] ?? insufficientSeconds)
  } catch {
    return insufficientSeconds
  }
}
