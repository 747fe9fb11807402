import { knownColumnCount, knownColumns, knownSettingOf } from '../known-setting-row.ts'
import type { KnownSetting } from '../recommend/known-server.ts'
import { ownSources, readSettings } from '../read-settings.ts'
import type { DetectSession } from './told.ts'

const readMs = 5_000

const all = `
select ${knownColumns}, name, source, boot_val, reset_val
  from pg_settings`

/**
 * All of pg_settings, with the server's values where the session has others for itself: by its role, its database or its connection.
 * @throws PgherdError of the session
 */
export async function readKnownSettings(session: DetectSession): Promise<ReadonlyMap<string, KnownSetting>> {
  const { rows } = await session.read({ text: all }, readMs)
  const settings = new Map<string, KnownSetting>()
  const own = new Map<string, { readonly standard: string | null; readonly reset: string | null }>()
  for (const row of rows) {
    const [name, source, standard, reset] = row.slice(knownColumnCount)
    const known = knownSettingOf(row)
    const { value, context } = known
    // Aurora has some twice.
    if (name == null || settings.has(name)) continue
    if (ownSources.has(source ?? '') && context !== 'internal' && context !== 'postmaster')
      own.set(name, { standard: standard ?? null, reset: source === 'session' ? (reset ?? null) : null })
    settings.set(name, {
      ...known,
      // What initdb writes into a new file is the default too; `override` is what the server has made of one.
      isSet: source !== 'default' && source !== 'override' && value !== standard,
    })
  }
  if (own.size === 0) return settings
  const servers = await readSettings(session, [...own.keys()])
  for (const [name, now] of servers.settings) {
    const [known, { standard, reset }] = [settings.get(name)!, own.get(name)!]
    // Where the files may not be read, what SET has covered is still known, and else there is the default to go by.
    const value = servers.knowsFiles ? now.value : (reset ?? standard ?? now.value)
    settings.set(name, { ...known, value, isSet: value !== standard })
  }
  return settings
}
