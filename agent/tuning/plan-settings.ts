import { hideSecrets } from '../../common/hide-secrets.ts'
import { settingValue } from '../postgres/setting-value.ts'
import { alterSystem } from './alter-system.ts'
import { isPatronis } from './server-settings.ts'
import type { ServerSettings, SettingNow } from './server-settings.ts'
import type { WantedSetting } from './wanted-setting.ts'

/** What the keeper of a cluster's settings has at the same moment. */
export interface KeptSettings {
  /** Such as `Patroni`. */
  readonly name: string
  readonly values: Readonly<Record<string, unknown>>
  readonly waitsForRestart: boolean
}

export interface PlannedSetting {
  readonly name: string
  readonly wanted: string
  /** What it is now; null where that is set nowhere. */
  readonly was: string | null
  /** Where that was set, such as `file:line`. */
  readonly where: string
  readonly needsRestart: boolean
  /** `staged`: it is written, and waits for a restart. */
  readonly state: 'as-wanted' | 'staged' | 'change'
  /** Why it cannot be changed, a sentence each. */
  readonly refusals: readonly string[]
  /** Somebody's purpose ends with it. */
  readonly isForeign: boolean
}

export interface SettingsPlan {
  /** In the order in which they are changed. */
  readonly settings: readonly PlannedSetting[]
  /** By ALTER SYSTEM in the server's own postgresql.auto.conf, or in what a keeper has for the whole cluster. */
  readonly by: 'alter-system' | 'keeper'
  /** Why nothing of it is done, a sentence each. */
  readonly refusals: readonly string[]
  /** What is to be known of it beside, a sentence each. */
  readonly notes: readonly string[]
  /** Whether this role lacks rights for it, so that somebody who has them could do it by `statementsOf`. */
  readonly lacksRights: boolean
}

/**
 * How a server comes to the settings that are wanted. Only compares: nothing is asked or changed.
 * @param kept - where a keeper's settings are known; without, a server of Patroni is left alone
 * @param replaces - whether what is somebody else's purpose may end
 */
export function planSettings(
  now: ServerSettings,
  wanted: readonly WantedSetting[],
  { kept, replaces }: { readonly kept?: KeptSettings | undefined; readonly replaces: boolean },
): SettingsPlan {
  const by = kept === undefined ? 'alter-system' : 'keeper'
  const settings = wanted.flatMap((want) => {
    const setting = now.settings.get(want.name)
    // A setting that this version does not have cannot have a value that is in the way.
    if (setting === undefined && want.isMetBy('')) return []
    return [planned(now, setting, want, kept, replaces)]
  })
  const changes = settings.filter(({ state }) => state === 'change')
  const refusals = changes.length === 0 ? [] : refusalsOf(now, changes, kept)
  return {
    settings,
    by,
    refusals: [...settings.flatMap((one) => one.refusals), ...refusals],
    notes: [],
    lacksRights: by === 'alter-system' && !isPatronis(now) && !hasRights(now, changes),
  }
}

/** The statements by which a person would do it on the server itself. */
export function statementsOf({ settings }: SettingsPlan): readonly string[] {
  const changes = settings.filter(({ state }) => state === 'change')
  return [...changes.map(({ name, wanted }) => alterSystem(name, wanted)), 'SELECT pg_reload_conf()']
}

function planned(
  now: ServerSettings,
  setting: SettingNow | undefined,
  want: WantedSetting,
  kept: KeptSettings | undefined,
  replaces: boolean,
): PlannedSetting {
  const { name, value } = want
  const was = setting === undefined ? null : valueNow(setting, want)
  const needsRestart = setting?.context === 'postmaster'
  const isForeign = was !== null && !want.isMetBy(was) && want.isForeign?.(was) === true
  const facts = { name, wanted: value, was, where: setting?.where ?? '', needsRestart, isForeign }
  if (setting === undefined) {
    const why = `this version of PostgreSQL has no ${name}`
    return { ...facts, state: 'change', refusals: [why] }
  }
  if (was !== null && want.isMetBy(was)) return { ...facts, state: 'as-wanted', refusals: [] }
  if (needsRestart && isStaged(setting, want, kept)) return { ...facts, state: 'staged', refusals: [] }
  const foreign =
    isForeign && !replaces
      ? [`${name} is ${hideSecrets(was)}, which somebody else has set and which would end`]
      : []
  return { ...facts, state: 'change', refusals: [...foreign, ...overrides(now, setting, want, kept)] }
}

/**
 * With the value that counts where the server shows another one, or where the files have one that the next reload or restart would
 * bring in place of what is wanted; null where nobody has set it, or nobody may know.
 */
function valueNow({ value, source, inFiles }: SettingNow, want: WantedSetting): string | null {
  if (value === want.shownAs) return inFiles?.value ?? null
  const isLost =
    source !== 'command line' && inFiles !== null && want.isMetBy(value) && !want.isMetBy(inFiles.value)
  return isLost ? inFiles.value : value
}

function isStaged(setting: SettingNow, want: WantedSetting, kept: KeptSettings | undefined): boolean {
  const { source, inFiles, waitsForRestart } = setting
  // One that is on the command line waits in no file: what starts the server knows.
  if (source === 'command line') return kept?.waitsForRestart === true && isKept(setting, want, kept)
  return waitsForRestart && inFiles !== null && want.isMetBy(inFiles.value)
}

function isKept(setting: SettingNow, want: WantedSetting, { values }: KeptSettings): boolean {
  const value = values[want.name]
  // YAML reads `on` as a boolean, which an enum such as archive_mode is not.
  if (typeof value === 'boolean') return want.isMetBy(value ? 'on' : 'off')
  const isOne = typeof value === 'string' || typeof value === 'number'
  return isOne && want.isMetBy(settingValue(String(value), setting))
}

/** What would win over the change. */
function overrides(
  now: ServerSettings,
  setting: SettingNow,
  want: WantedSetting,
  kept: KeptSettings | undefined,
): readonly string[] {
  const { name, where, byAlterSystem } = setting
  if (kept !== undefined) {
    if (byAlterSystem !== null) {
      return [
        `${name} is in postgresql.auto.conf, which hides what ${kept.name} has: ALTER SYSTEM RESET ${name}`,
      ]
    }
    if (!isKept(setting, want, kept)) return []
    return [
      `${kept.name} has ${name} already as it is wanted, and this server has another one (${where ?? setting.source}): its own file of ${kept.name} wins, or it has not followed yet`,
    ]
  }
  if (!isPatronis(now) && now.commandLine.has(name)) {
    return [`${name} is on the server's command line, which wins over every file`]
  }
  return []
}

function hasRights(now: ServerSettings, changes: readonly PlannedSetting[]): boolean {
  const { mayReload } = now.role
  return changes.length === 0 || (now.knowsFiles && mayReload && lackingOf(now, changes).length === 0)
}

function lackingOf(
  { settings, role }: ServerSettings,
  changes: readonly PlannedSetting[],
): readonly string[] {
  const names = changes.map(({ name }) => name).filter((name) => settings.has(name))
  return names.filter((name) => !role.mayAlter.has(name))
}

/** What keeps from changing anything. */
function refusalsOf(
  now: ServerSettings,
  changes: readonly PlannedSetting[],
  kept: KeptSettings | undefined,
): readonly string[] {
  const { role, fileErrors } = now
  const refusals: string[] = []
  if (!now.knowsFiles) {
    refusals.push(
      `${role.name} may not read what the configuration files say; it takes: ${grantFiles(role.name)}`,
    )
  }
  if (fileErrors.length > 0) {
    refusals.push(
      `the configuration files have mistakes, with which the server would not start again: ${fileErrors.join('; ')}`,
    )
  }
  if (kept !== undefined) return refusals
  if (isPatronis(now)) {
    return [
      ...refusals,
      `Patroni starts this server, and this agent knows of no Patroni of the scope ${now.clusterName} (neighbours: a record of kind patroni)`,
    ]
  }
  if (!now.allowsAlterSystem) {
    return [...refusals, 'allow_alter_system is off: whoever keeps the files has to set it there']
  }
  const lacking = lackingOf(now, changes)
  if (lacking.length > 0 || !role.mayReload) {
    refusals.push(`${role.name} may not change settings; it takes: ${grantChanges(now, lacking)}`)
  }
  return refusals
}

const grantFiles = (role: string): string =>
  `GRANT EXECUTE ON FUNCTION pg_show_all_file_settings() TO ${role}; GRANT SELECT ON pg_file_settings TO ${role}`

function grantChanges({ versionNumber, role }: ServerSettings, lacking: readonly string[]): string {
  if (versionNumber < 150_000 && lacking.length > 0) return 'a superuser, before PostgreSQL 15'
  return [
    ...(lacking.length === 0
      ? []
      : [`GRANT ALTER SYSTEM ON PARAMETER ${lacking.join(', ')} TO ${role.name}`]),
    ...(role.mayReload ? [] : [`GRANT EXECUTE ON FUNCTION pg_reload_conf() TO ${role.name}`]),
  ].join('; ')
}
