import type { KnownServer } from './known-server.ts'
import { settingsOf } from './settings-by-major.ts'

/** The majors whose settings are known without a server. */
export const plannedMajors = [14, 15, 16, 17, 18] as const

/** A server that does not exist yet, or that nobody can ask: as initdb makes one of this major version. */
export function plannedServer(
  major: number,
  options: {
    /** Of all databases together, bytes; null where nobody knows. */
    readonly databaseBytes: number | null
    /** Whether it is built with LZ4, which most packages are. */
    readonly hasLz4: boolean
  },
): KnownServer {
  const settings = new Map(settingsOf(major))
  const compression = settings.get('wal_compression')
  if (options.hasLz4 && compression?.enumValues) {
    settings.set('wal_compression', {
      ...compression,
      enumValues: [...compression.enumValues, 'lz4'],
    })
  }
  return {
    major,
    isRunning: false,
    settings,
    databaseBytes: options.databaseBytes,
    peakConnections: null,
    activeSessions: null,
    availableExtensions: new Set(),
  }
}
