import { knownColumnCount, knownColumns, knownSettingOf } from '../known-setting-row.ts'
import type { SettingsSession } from '../read-settings.ts'
import type { KnownSetting as ServerSetting } from '../recommend/known-server.ts'

/** What a change has to know of a setting beside. */
export interface KnownSetting extends ServerSetting {
  readonly name: string
  readonly boot: string | null
  /** `pg_settings.source`. */
  readonly source: string
  readonly waitsForRestart: boolean
}

const readMs = 5_000

const known = `
select ${knownColumns}, name, boot_val, source, pending_restart
  from pg_settings
 where name = any ($1::text[])`

/** @param names - in lower case; those that the server does not have are left out. @throws PgherdError of the session */
export async function readKnown(
  session: Pick<SettingsSession, 'read'>,
  names: readonly string[],
): Promise<ReadonlyMap<string, KnownSetting>> {
  const { rows } = await session.read({ text: known, values: [names] }, readMs)
  return new Map(
    rows.map((row) => {
      const [name, boot, source, pending] = row.slice(knownColumnCount)
      return [
        name ?? '',
        {
          ...knownSettingOf(row),
          name: name ?? '',
          boot: boot ?? null,
          source: source ?? '',
          waitsForRestart: pending === 't',
        },
      ]
    }),
  )
}
