import type { SettingsSession } from '../read-settings.ts'
import { namesOf } from './change-record.ts'
import type { ChangeRecord } from './change-record.ts'
import { readKnown } from './known-setting.ts'
import { wantedOf } from './wanted-of.ts'

/** Of a session itself, so that they say nothing of the server. */
const own = new Set(['session', 'client', 'global', 'user', 'database', 'database user'])

/**
 * Settings of a change that no longer have its value as far as one look can tell: what the files say is not asked.
 * @throws PgherdError of the session
 */
export async function suspects(
  session: Pick<SettingsSession, 'read'>,
  record: Pick<ChangeRecord, 'settings'>,
): Promise<readonly string[]> {
  const known = await readKnown(session, namesOf(record))
  return record.settings.flatMap(({ name, after }) => {
    const setting = known.get(name)
    if (setting === undefined || own.has(setting.source) || setting.waitsForRestart) return []
    const wanted = wantedOf(setting, after)
    return wanted.isMetBy(setting.value) || wanted.shownAs === setting.value ? [] : [name]
  })
}
