import { copyRunningServer } from './base-backup.ts'
import { freePort } from './ports.ts'
import { findPostgres } from './postgres-binaries.ts'
import type { PostgresBinaries, PostgresMajor } from './postgres-binaries.ts'
import { createHome, createServer } from './postgres-server.ts'
import type { Home, PostgresServer } from './postgres-server.ts'
import { baseSettingsFor, writeAuthentication, writeSettings } from './postgres-settings.ts'
import type { Authentication } from './postgres-settings.ts'
import { createCluster } from './postgres-template.ts'
import { lastLines } from './process.ts'
import { writeStandbyMode } from './standby-mode.ts'
import { waitFor } from './wait.ts'

export type { PostgresServer } from './postgres-server.ts'
export { allPostgresMajors, findDebianPostgres, findPostgres, postgresMajors } from './postgres-binaries.ts'
export type { PostgresMajor } from './postgres-binaries.ts'

export interface PostgresOptions {
  /** 18 unless told. */
  readonly major?: PostgresMajor
  /** That of `findPostgres` unless told. */
  readonly binaries?: PostgresBinaries
  /** For messages and cluster_name. */
  readonly name?: string
  /** The server's own directory, removed with it; below one its user can enter. A temporary one unless told. */
  readonly directory?: string
  /** Over those in postgres-settings.ts. */
  readonly settings?: Readonly<Record<string, string>>
  /** A free one unless told. */
  readonly port?: number
  /** Of everything but the superuser on the socket; `trust` unless told. */
  readonly authentication?: Authentication
  /** Added to the small environment that every child gets; the server hands it on to archive_command. */
  readonly environment?: Readonly<Record<string, string>>
}

export interface StandbyOptions {
  /** Also the application_name the primary shows and, with underscores, its replication slot. */
  readonly name?: string
  readonly directory?: string
  readonly settings?: Readonly<Record<string, string>>
  readonly port?: number
  /** How the standby logs in at a primary that asks for passwords. */
  readonly replication?: { readonly user: string; readonly password: string }
}

/**
 * Starts a new, empty server on 127.0.0.1 and a socket.
 * @throws Error when this major version is not installed or the server does not come up, with its log
 */
export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  const { major = 18, name = 'primary', authentication = 'trust' } = options
  const binaries = options.binaries ?? (await findPostgres(major))
  if (binaries === undefined) throw new Error(`PostgreSQL ${major} is not installed`)
  const home = createHome(options.directory)
  return started(home, async () => {
    await createCluster(binaries, home.dataDirectory)
    writeAuthentication(home.dataDirectory, authentication)
    const { port, settings = {}, environment = {} } = options
    return startOnPort({ binaries, home, name, port, settings, environment })
  })
}

/**
 * Starts a streaming standby of `primary`, with a replication slot; resolves when the primary shows it
 * streaming.
 */
export async function startStandby(
  primary: PostgresServer,
  options: StandbyOptions = {},
): Promise<PostgresServer> {
  const { name = 'standby' } = options
  const binaries = await findPostgres(primary.major)
  if (binaries === undefined) throw new Error(`PostgreSQL ${primary.major} is not installed`)
  const home = createHome(options.directory)
  return started(home, async () => {
    const slot = name.toLowerCase().replaceAll(/[^a-z0-9_]/g, '_')
    await primary.query('select pg_create_physical_replication_slot($1, true)', [slot])
    await copyRunningServer(primary, home.dataDirectory)
    const { user, password } = options.replication ?? { user: 'postgres', password: '' }
    const settings = writeStandbyMode(primary.major, home.dataDirectory, {
      primary_conninfo: [
        `host=127.0.0.1 port=${primary.port} user=${user} application_name=${name}`,
        ...(password === '' ? [] : [`password=${password}`]),
      ].join(' '),
      primary_slot_name: slot,
      ...options.settings,
    })
    const standby = await startOnPort({ binaries, home, name, port: options.port, settings })
    try {
      await waitUntilStreaming(primary, standby)
    } catch (error) {
      await standby.stop('immediate')
      throw error
    }
    return standby
  })
}

async function waitUntilStreaming(primary: PostgresServer, standby: PostgresServer): Promise<void> {
  await waitFor(
    `${standby.name} to stream from ${primary.name}`,
    async () => {
      const rows = await primary.query(
        `select from pg_stat_replication where application_name = $1 and state = 'streaming'`,
        [standby.name],
      )
      return rows.length > 0
    },
    { timeoutMs: 30_000, explain: () => lastLines(standby.logFile, 15) },
  )
}

/** Whatever fails while a server comes up, its directory does not stay behind. */
async function started(home: Home, bringUp: () => Promise<PostgresServer>): Promise<PostgresServer> {
  try {
    return await bringUp()
  } catch (error) {
    home[Symbol.dispose]()
    throw error
  }
}

/** A port the kernel called free may be gone by the time the server binds it; then the next one is tried. */
async function startOnPort(options: {
  binaries: PostgresBinaries
  home: Home
  name: string
  port: number | undefined
  settings: Readonly<Record<string, string>>
  environment?: Readonly<Record<string, string>>
}): Promise<PostgresServer> {
  const { home, name, binaries, environment = {} } = options
  for (let attempt = 1; ; attempt++) {
    const port = options.port ?? (await freePort())
    writeSettings(home.dataDirectory, {
      ...baseSettingsFor(binaries.major),
      cluster_name: name,
      port: String(port),
      unix_socket_directories: home.socketDirectory,
      ...options.settings,
    })
    const server = createServer({ name, binaries, port, home, environment })
    try {
      await server.start()
      return server
    } catch (error) {
      const taken = lastLines(home.logFile, 15).includes('Address already in use')
      if (options.port !== undefined || !taken || attempt === 3) {
        await server.stop('immediate')
        throw error
      }
    }
  }
}
