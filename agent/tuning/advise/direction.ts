import { settingValue } from '../../postgres/setting-value.ts'
import type { KnownSetting } from '../recommend/known-server.ts'

export type Direction = 'up' | 'down' | 'same' | 'other'

/** Where a value goes from what is set. `other`: they are no numbers, or one of them (0, -1) stands for something else than its size. */
export function directionOf(setting: KnownSetting, proposed: string): Direction {
  const wanted = settingValue(proposed, setting)
  if (wanted === setting.value) return 'same'
  const [to, from] = [numberOf(setting, proposed), Number(setting.value)]
  if (to === undefined || Number.isNaN(from) || to <= 0 || from <= 0) return 'other'
  return to > from ? 'up' : to < from ? 'down' : 'same'
}

/** In the setting's own unit; undefined for what is none. */
export function numberOf(setting: KnownSetting, proposed: string): number | undefined {
  if (setting.vartype !== 'integer' && setting.vartype !== 'real') return undefined
  const number = Number(settingValue(proposed, setting))
  return Number.isNaN(number) ? undefined : number
}
