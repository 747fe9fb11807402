import type { KnownServer } from '../../recommend/known-server.ts'
import type { Told } from '../told.ts'
import { fact, section } from './section.ts'
import type { Section } from './section.ts'

/** What a build can be without: where that shows, and what it is called. */
const builtWith = [
  ['wal_compression', 'lz4', 'LZ4'],
  ['wal_compression', 'zstd', 'Zstandard'],
  ['io_method', 'io_uring', 'io_uring'],
] as const

export function serverSection(
  told: Told,
  { settings }: KnownServer,
  inRecovery: boolean,
  nowMs: number,
): readonly Section[] {
  const libraries = settings.get('shared_preload_libraries')?.value ?? ''
  return section('Server', [
    fact('version', `PostgreSQL ${told.version}`, 'server_version'),
    fact('built for', told.build.replace(/, compiled by .*,/, ','), 'version()'),
    fact('built with', buildOf(settings), 'pg_settings.enumvals'),
    fact('role', inRecovery ? 'standby' : 'primary', 'pg_is_in_recovery()'),
    fact('cluster', told.clusterName, 'cluster_name'),
    fact('runs since', sinceText(told.startedMs, nowMs), 'pg_postmaster_start_time()'),
    fact('data directory', told.dataDirectory, 'data_directory'),
    fact('libraries', libraries === '' ? 'none' : libraries, 'shared_preload_libraries'),
    fact('extensions', told.installed.join(', '), 'pg_extension of this database'),
  ])
}

function buildOf(settings: KnownServer['settings']): string {
  const known = builtWith.filter(([setting]) => settings.get(setting)?.enumValues != null)
  const has = known.filter(([setting, value]) => settings.get(setting)?.enumValues?.includes(value))
  const not = known.filter((one) => !has.includes(one))
  return [...has.map(([, , name]) => name), ...not.map(([, , name]) => `no ${name}`)].join(', ')
}

function sinceText(startedMs: number, nowMs: number): string {
  const hours = Math.max(0, (nowMs - startedMs) / 3_600_000)
  const ago =
    hours < 1
      ? `${Math.round(hours * 60)} min`
      : hours < 48
        ? `${Math.round(hours)} h`
        : `${Math.round(hours / 24)} days`
  return `${new Date(startedMs).toISOString().slice(0, 16).replace('T', ' ')} UTC, ${ago} ago`
}
