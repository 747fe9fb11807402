import { printSetting } from '../../../common/tuning/print-size.ts'
import { settingValue } from '../../postgres/setting-value.ts'
import type { KnownSetting } from './known-server.ts'

/** A value of pg_settings as a person would write it: `16384` of a setting in 8kB is `128MB`. */
export function printValue({
  value,
  unit,
  vartype,
}: Pick<KnownSetting, 'value' | 'unit' | 'vartype'>): string {
  const number = Number(value)
  // 0 and -1 are words for something else.
  if (unit === null || Number.isNaN(number) || number <= 0) return value
  if (/B$/.test(unit)) {
    return printSetting(
      Number(settingValue(`1${unit.replace(/^\d+/, '')}`, { vartype, unit: 'B' })) *
        Number(/^\d*/.exec(unit)?.[0] || 1) *
        number,
    )
  }
  for (const [name, of] of times) {
    if ((number * (times.get(unit) ?? 1)) % of === 0)
      return `${(number * (times.get(unit) ?? 1)) / of}${name}`
  }
  return `${value}${unit}`
}

/** In milliseconds, the largest first. */
const times = new Map([
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
  ['ms', 1],
])
