import { lookAtSettings } from '../apply-settings.ts'
import type { TunedServer } from '../apply-settings.ts'
import type { PlannedSetting } from '../plan-settings.ts'
import type { SettingNow } from '../server-settings.ts'
import type { ChangeRecord } from './change-record.ts'
import { namesOf } from './change-record.ts'
import { readKnown } from './known-setting.ts'
import { wantedOf } from './wanted-of.ts'

/** A setting of a change as the server has it now. */
export interface ValueNow {
  readonly name: string
  readonly state: PlannedSetting['state']
  readonly now: SettingNow | undefined
}

/**
 * Whether what a change has written is still there: in effect, waiting for a restart, or something else. By pg_settings and by what the
 * files, or the keeper, say.
 * @throws PgherdError when they do not tell
 */
export async function valuesNow(
  tuned: Pick<TunedServer, 'session' | 'keeper'>,
  record: Pick<ChangeRecord, 'settings'>,
): Promise<readonly ValueNow[]> {
  const known = await readKnown(tuned.session, namesOf(record))
  const wanted = record.settings.flatMap(({ name, after }) => {
    const setting = known.get(name)
    return setting === undefined ? [] : [wantedOf(setting, after)]
  })
  const { plan, now } = await lookAtSettings(tuned, wanted, true)
  return record.settings.map(({ name }) => ({
    name,
    now: now.settings.get(name),
    state: plan.settings.find((one) => one.name === name)?.state ?? 'change',
  }))
}
