import type { Machine, Profile } from '../../../../agent/tuning/recommend/machine.ts'
import { plannedServer } from '../../../../agent/tuning/recommend/planned-server.ts'
import type { Situation } from '../../../../agent/tuning/recommend/situation.ts'
import { settingValue } from '../../../../agent/postgres/setting-value.ts'

export const MB = 1024 ** 2
export const GB = 1024 ** 3

/** A machine of a middling size, but for what matters. */
export function machineOf(of: Partial<Machine> = {}): Machine {
  return {
    memoryBytes: 16 * GB,
    processors: 4,
    diskClass: 'ssd',
    dataDiskBytes: 500 * GB,
    walDiskBytes: null,
    fileSystem: 'ext4',
    freeHugePageBytes: null,
    ...of,
  }
}

/** A new cluster on it that somebody plans. */
export function situationFor(
  of: Partial<Omit<Situation, 'server'>> & { readonly major?: number; readonly profile?: Profile },
): Situation {
  const { major = 17, machine = machineOf(), profile = 'mixed', connections = null } = of
  return {
    machine,
    profile,
    connections,
    server: plannedServer(major, { databaseBytes: null, hasLz4: false }),
  }
}

export const bytesOf = (setting: string): number =>
  Number(settingValue(setting, { vartype: 'integer', unit: 'B' }))
