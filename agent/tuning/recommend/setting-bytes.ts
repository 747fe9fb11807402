import type { KnownSetting } from './known-server.ts'
import type { Situation } from './situation.ts'

const bases = new Map([
  ['B', 1],
  ['kB', 1024],
  ['MB', 1024 ** 2],
])

/** What one of a setting's units is in bytes, such as 8192 for `8kB`; undefined where it does not measure memory. */
export function unitBytes(unit: string | null): number | undefined {
  const [, count, base] = /^(\d*)(\w+)$/.exec(unit ?? '') ?? []
  const bytes = bases.get(base ?? '')
  return bytes === undefined ? undefined : bytes * (count === '' ? 1 : Number(count))
}

/** A setting of memory in bytes, or below 0 where it stands for something else; undefined where the server has none of that name. */
export function settingBytes({ server }: Pick<Situation, 'server'>, name: string): number | undefined {
  const setting: KnownSetting | undefined = server.settings.get(name)
  const unit = unitBytes(setting?.unit ?? null)
  return setting === undefined || unit === undefined ? undefined : Number(setting.value) * unit
}
