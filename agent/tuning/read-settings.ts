import type { ActionSession } from '../postgres/action-session.ts'
import { settingValue } from '../postgres/setting-value.ts'
import type { ServerSettings, SettingNow } from './server-settings.ts'

export type SettingsSession = Pick<ActionSession, 'read' | 'change' | 'versionNumber' | 'inRecovery'>

const readMs = 5_000
/** The first with GRANT ... ON PARAMETER; before it ALTER SYSTEM is for superusers. */
const parameterGrants = 150_000

const values = `
select name, setting, context, vartype, unit, source, sourcefile || ':' || sourceline, pending_restart, boot_val
  from pg_settings
 where name = any ($1::text[])`

/** Where a value is from that the session of this role has for itself, and not the server. Source: GucSource in PostgreSQL's guc.h. */
export const ownSources: ReadonlySet<string> = new Set([
  'global',
  'database',
  'user',
  'database user',
  'client',
  'session',
])

const lines = `
select lower(f.name), f.setting, f.sourcefile || ':' || f.sourceline, f.applied, f.error, s.context,
       f.sourcefile like '%/postgresql.auto.conf'
  from pg_file_settings f
  left join pg_settings s on lower(s.name) = lower(f.name)
 where lower(f.name) = any ($1::text[]) or f.error is not null
 order by f.seqno`

const aboutServer = `
select current_user,
       (select rolsuper from pg_roles where rolname = current_user),
       has_function_privilege('pg_reload_conf()', 'execute'),
       coalesce(current_setting('allow_alter_system', true), 'on'),
       current_setting('cluster_name'),
       array_to_string(array(select name from pg_settings where source = 'command line'), ','),
       has_table_privilege('pg_file_settings', 'select')
         and has_function_privilege('pg_show_all_file_settings()', 'execute')`

const granted = `select name from unnest($1::text[]) as name where has_parameter_privilege(name, 'ALTER SYSTEM')`

/** @param names - in lower case. @throws PgherdError of the session */
export async function readSettings(
  session: SettingsSession,
  names: readonly string[],
): Promise<ServerSettings> {
  const { versionNumber, inRecovery } = session
  const about = await session.read({ text: aboutServer }, readMs)
  const [role, isSuper, mayReload, alterSystem, clusterName, commandLine, mayReadFiles] = about.rows[0] ?? []
  const found = await session.read({ text: values, values: [names] }, readMs)
  const known = found.rows.map(([name]) => name ?? '')
  // Asked beforehand, because a refusal is a line in the server's log.
  const files = mayReadFiles === 't' ? await readFiles(session, names) : undefined
  const mayAlter =
    isSuper === 't'
      ? known
      : versionNumber < parameterGrants
        ? []
        : (await session.read({ text: granted, values: [known] }, readMs)).rows.map(([name]) => name ?? '')
  const settings = new Map(
    found.rows.map((row) => {
      const [name = '', value, context, vartype, unit, source, where, pending, boot] = row
      const now = { name: name ?? '', vartype: vartype ?? 'string', unit: unit ?? null }
      const own = (files ?? []).filter((line) => line.name === name && !line.isMistaken)
      const last = own.at(-1)
      const inFiles =
        last === undefined
          ? null
          : { value: settingValue(last.value, now), where: last.where, isApplied: last.isApplied }
      const isOwn = ownSources.has(source ?? '') && context !== 'internal' && context !== 'postmaster'
      const setting: SettingNow = {
        ...now,
        value: (isOwn ? (inFiles?.value ?? boot) : value) ?? '',
        context: context ?? '',
        source: source ?? '',
        where: where ?? null,
        waitsForRestart: pending === 't',
        inFiles,
        byAlterSystem: own.findLast(({ isAuto }) => isAuto)?.value ?? null,
      }
      return [now.name, setting] as const
    }),
  )
  return {
    settings,
    versionNumber,
    inRecovery,
    knowsFiles: files !== undefined,
    fileErrors: (files ?? [])
      .filter(({ isMistaken }) => isMistaken)
      .map(({ name, where, error }) => `${where}: ${name === '' ? '' : `${name}: `}${error}`),
    commandLine: new Set((commandLine ?? '').split(',')),
    clusterName: clusterName ?? '',
    allowsAlterSystem: alterSystem === 'on',
    role: { name: role ?? '', mayReload: mayReload === 't', mayAlter: new Set(mayAlter) },
  }
}

/** The lines of the files in which one of the names stands, or a mistake. */
async function readFiles(session: SettingsSession, names: readonly string[]) {
  const { rows } = await session.read({ text: lines, values: [names] }, readMs)
  return rows.map(([name, value, where, applied, error, context, isAuto]) => ({
    name: name ?? '',
    value: value ?? '',
    where: where ?? '',
    isApplied: applied === 't',
    // A good value of a setting that needs a restart has an error too, the same as a bad one has.
    isMistaken: error != null && context !== 'postmaster',
    error: error ?? '',
    isAuto: isAuto === 't',
  }))
}
