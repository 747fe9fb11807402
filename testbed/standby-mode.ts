import { join } from 'node:path'
import { writeOwned } from './postgres-settings.ts'

/** What PostgreSQL before 12 reads from recovery.conf alone and refuses in postgresql.conf (its documentation, 27). */
const recoverySettings = [
  'primary_conninfo',
  'primary_slot_name',
  'recovery_min_apply_delay',
  'recovery_target_timeline',
  'restore_command',
]

/**
 * Marks a data directory that is not in use as a standby's.
 * @returns those of its settings that belong into postgresql.conf
 */
export function writeStandbyMode(
  major: number,
  dataDirectory: string,
  settings: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  if (major >= 12) {
    writeOwned(join(dataDirectory, 'standby.signal'), '')
    return settings
  }
  const isRecovery = ([name]: readonly [string, string]): boolean => recoverySettings.includes(name)
  // Newer versions follow the latest timeline unless told.
  const defaults = { standby_mode: 'on', recovery_target_timeline: 'latest' }
  const given = Object.entries(settings)
  const lines = Object.entries({ ...defaults, ...Object.fromEntries(given.filter(isRecovery)) }).map(
    ([name, value]) => `${name} = '${value.replaceAll("'", "''")}'\n`,
  )
  writeOwned(join(dataDirectory, 'recovery.conf'), lines.join(''))
  return Object.fromEntries(given.filter((setting) => !isRecovery(setting)))
}
