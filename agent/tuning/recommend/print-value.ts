import { printSetting } from '../../../common/tuning/print-size.ts'
import type { KnownSetting } from './known-server.ts'
import { unitBytes } from './setting-bytes.ts'

/** The largest first. */
const millisecondsOf = new Map([
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
  ['ms', 1],
])

/** A value of pg_settings as a person would write it: `16384` of a setting in 8kB is `128MB`. */
export function printValue({ value, unit }: Pick<KnownSetting, 'value' | 'unit'>): string {
  const number = Number(value)
  // 0 and -1 are words for something else.
  if (unit === null || Number.isNaN(number) || number <= 0) return value
  const bytes = unitBytes(unit)
  if (bytes !== undefined) return printSetting(number * bytes)
  const milliseconds = number * (millisecondsOf.get(unit) ?? 0)
  for (const [name, each] of millisecondsOf) {
    if (milliseconds >= each && milliseconds % each === 0) return `${milliseconds / each}${name}`
  }
  return `${value}${unit}`
}
