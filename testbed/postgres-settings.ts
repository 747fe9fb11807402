import { chownSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { settingsFile } from './postgres-template.ts'
import { unprivilegedOwner } from './unprivileged.ts'

export type Authentication = 'trust' | 'scram-sha-256'

/** What every test bed server starts from: small, bounded on disk, ready for standbys and statement statistics. */
const baseSettings: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  max_connections: '60',
  shared_buffers: '16MB',
  huge_pages: 'off',
  // Parallel workers' memory then lives in the data directory and disappears with it, even after SIGKILL.
  dynamic_shared_memory_type: 'mmap',
  // kill -9 of a server loses nothing the kernel already has, and tests never cut the power.
  fsync: 'off',
  wal_level: 'replica',
  max_wal_senders: '6',
  max_replication_slots: '6',
  wal_keep_size: '32MB',
  min_wal_size: '32MB',
  max_wal_size: '128MB',
  max_slot_wal_keep_size: '256MB',
  wal_receiver_status_interval: '1s',
  wal_retrieve_retry_interval: '200ms',
  shared_preload_libraries: 'pg_stat_statements',
  track_io_timing: 'on',
  log_line_prefix: '%m [%p] %q%a ',
  log_timezone: 'UTC',
}

/** `baseSettings` in the words of a major version. */
export function baseSettingsFor(major: number): Readonly<Record<string, string>> {
  if (major >= 13) return baseSettings
  const settings = Object.entries(baseSettings).filter(
    ([name]) => name !== 'wal_keep_size' && name !== 'max_slot_wal_keep_size',
  )
  return { ...Object.fromEntries(settings), wal_keep_segments: '2' }
}

/** Writes the settings into a data directory that is not in use. */
export function writeSettings(dataDirectory: string, settings: Readonly<Record<string, string>>): void {
  const lines = Object.entries(settings).map(
    ([name, value]) => `${name} = '${value.replaceAll("'", "''")}'\n`,
  )
  writeOwned(join(dataDirectory, settingsFile), lines.join(''))
}

/**
 * Who may connect. The superuser needs no password on the socket, whose directory is closed to other users;
 * everything else authenticates as told.
 */
export function writeAuthentication(dataDirectory: string, authentication: Authentication): void {
  const lines = [
    'local all postgres trust',
    'local replication postgres trust',
    `local all all ${authentication}`,
    `host all all 127.0.0.1/32 ${authentication}`,
    `host replication all 127.0.0.1/32 ${authentication}`,
  ]
  writeOwned(join(dataDirectory, 'pg_hba.conf'), `${lines.join('\n')}\n`)
}

/** A file of the server's user that nobody else can read: settings may hold passwords. */
export function writeOwned(file: string, text: string): void {
  writeFileSync(file, text, { mode: 0o600 })
  const owner = unprivilegedOwner()
  if (owner !== undefined) chownSync(file, owner.uid, owner.gid)
}
