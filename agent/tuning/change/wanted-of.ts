import { isQuotedList, isSameStored } from '../list-value.ts'
import type { WantedSetting } from '../wanted-setting.ts'
import type { KnownSetting } from './known-setting.ts'

/** With this value the server computes one by itself, and shows that in its place. Source: assign and check hooks in PostgreSQL's guc_tables.c. */
const automatic = new Map([
  ['wal_buffers', '-1'],
  ['commit_timestamp_buffers', '0'],
  ['subtransaction_buffers', '0'],
  ['transaction_buffers', '0'],
  ['io_max_concurrency', '-1'],
])

/**
 * What a setting is to be, as plans have it.
 * @param value - in pg_settings' unit and spelling
 */
export function wantedOf({ name, vartype, value: now, source }: KnownSetting, value: string): WantedSetting {
  const isMetBy = (one: string): boolean => isSame(name, vartype, one, value)
  const isComputed = automatic.get(name) === value && ['default', 'override'].includes(source)
  return { name, value, isMetBy, ...(isComputed ? { shownAs: now } : {}) }
}

function isSame(name: string, vartype: string, a: string, b: string): boolean {
  if (a === b) return true
  if (isQuotedList(name)) return isSameStored(name, a, b)
  if (vartype === 'real' || vartype === 'integer') return a !== '' && b !== '' && Number(a) === Number(b)
  // `on` is a name of pglz, by which the server shows it.
  if (name === 'wal_compression') return [a, b].every((one) => one === 'on' || one === 'pglz')
  return false
}
