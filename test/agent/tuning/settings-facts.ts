import type { ServerSettings, SettingNow } from '../../../agent/tuning/server-settings.ts'
import type { WantedSetting } from '../../../agent/tuning/wanted-setting.ts'

/** A setting that nobody has set. */
export function settingOf(name: string, of: Partial<SettingNow> = {}): SettingNow {
  return {
    name,
    value: '',
    context: 'sighup',
    vartype: 'string',
    unit: null,
    source: 'default',
    where: null,
    waitsForRestart: false,
    inFiles: null,
    byAlterSystem: null,
    ...of,
  }
}

/** A server of 17 whose role may do everything. */
export function serverOf(settings: readonly SettingNow[], of: Partial<ServerSettings> = {}): ServerSettings {
  const names = settings.map(({ name }) => name)
  return {
    settings: new Map(settings.map((setting) => [setting.name, setting])),
    versionNumber: 170_000,
    inRecovery: false,
    knowsFiles: true,
    fileErrors: [],
    commandLine: new Set(),
    clusterName: '',
    allowsAlterSystem: true,
    role: { name: 'operator', mayReload: true, mayAlter: new Set(names) },
    ...of,
  }
}

/** What Patroni puts on the command line of its servers. */
export const commandLineOfPatroni = new Set([
  'cluster_name',
  'hot_standby',
  'max_connections',
  'max_worker_processes',
  'wal_level',
  'wal_log_hints',
])

export const wantMode: WantedSetting = {
  name: 'archive_mode',
  value: 'on',
  isMetBy: (value) => value === 'on',
}
export const wantCommand: WantedSetting = {
  name: 'archive_command',
  value: 'push %p',
  isMetBy: (value) => value === 'push %p',
  isForeign: (value) => value !== '',
  shownAs: '(disabled)',
}
