import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { SettingsSession } from '../read-settings.ts'

const readMs = 5_000

/** Without what a session has set for itself, which `reset_val` leaves out. */
const others = `
select name, reset_val
  from pg_settings
 where name <> all ($1::text[])
   and name not in ('in_hot_standby', 'transaction_read_only', 'transaction_isolation', 'transaction_deferrable')
 order by name`

/** SHA-256 of all settings but some. @throws PgherdError of the session */
export async function hashOfOthers(
  session: Pick<SettingsSession, 'read'>,
  names: readonly string[],
): Promise<string> {
  const { rows } = await session.read({ text: others, values: [names] }, readMs)
  return createHash('sha256').update(JSON.stringify(rows)).digest('hex')
}

const place = `select extract(epoch from pg_postmaster_start_time()) * 1000, current_setting('data_directory', true)`
const placeForAll = `select extract(epoch from pg_postmaster_start_time()) * 1000, null`

/** When the postmaster was started, and where its postgresql.auto.conf is, where this role may know. */
export async function readPlace(
  session: Pick<SettingsSession, 'read'>,
): Promise<{ readonly serverStartMs: number; readonly autoConf: string | null }> {
  const asked = (text: string) => session.read({ text }, readMs)
  const { rows } = await asked(place).catch(() => asked(placeForAll))
  const [start, directory] = rows[0] ?? []
  return {
    serverStartMs: Math.round(Number(start)),
    autoConf: directory == null ? null : join(directory, 'postgresql.auto.conf'),
  }
}
