import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { findProgram } from './find-program.ts'
import { createOwnDirectory } from './own-directory.ts'
import { freePort } from './ports.ts'
import { withClient } from './postgres-client.ts'
import type { PostgresServer } from './postgres-server.ts'
import { writeOwned } from './postgres-settings.ts'
import { startChild } from './process.ts'
import { unprivilegedOwner } from './unprivileged.ts'

export interface PgbouncerOptions {
  /** Where every database of the pooler leads. */
  readonly postgres: PostgresServer
  /** Its own directory, removed with it; a temporary one unless told. */
  readonly directory?: string
  readonly port?: number
  /** `transaction` unless told. */
  readonly poolMode?: 'session' | 'transaction' | 'statement'
  /** More lines of the [pgbouncer] section. */
  readonly settings?: Readonly<Record<string, string>>
}

export interface Pgbouncer extends AsyncDisposable {
  readonly port: number
  readonly pid: number
  readonly logFile: string
  isRunning(): boolean
  url(database: string, user: string, password: string): string
  /** The admin console, database `pgbouncer`, as the user who may also read statistics. */
  readonly adminUrl: string
}

/**
 * Starts pgBouncer with SCRAM: clients log in with the password PostgreSQL knows, because it gets the
 * verifiers of all roles that have one. Roles created later are not known to it.
 * @returns undefined when pgBouncer is not installed
 */
export async function startPgbouncer(options: PgbouncerOptions): Promise<Pgbouncer | undefined> {
  const command = findProgram('pgbouncer')
  if (command === undefined) return undefined
  const { postgres, poolMode = 'transaction' } = options
  const port = options.port ?? (await freePort())
  const owner = unprivilegedOwner()
  const own = createOwnDirectory(
    options.directory === undefined ? { prefix: 'pgherd-pgbouncer-' } : { path: options.directory },
    owner,
  )
  const directory = own.path

  const admin = { user: 'pgbouncer_admin', password: randomBytes(12).toString('hex') }
  const userFile = join(directory, 'users.txt')
  const configFile = join(directory, 'pgbouncer.ini')
  const logFile = join(directory, 'pgbouncer.log')
  writeOwned(userFile, `${await verifiers(postgres)}"${admin.user}" "${admin.password}"\n`)
  writeOwned(
    configFile,
    ini({
      databases: { '*': `host=127.0.0.1 port=${postgres.port}` },
      pgbouncer: {
        listen_addr: '127.0.0.1',
        listen_port: String(port),
        unix_socket_dir: '',
        auth_type: 'scram-sha-256',
        auth_file: userFile,
        admin_users: admin.user,
        pool_mode: poolMode,
        max_client_conn: '200',
        default_pool_size: '10',
        ignore_startup_parameters: 'extra_float_digits',
        ...options.settings,
      },
    }),
  )
  try {
    const child = await startChild({ name: 'pgBouncer', command, args: [configFile], logFile, owner })
    const address = { host: '127.0.0.1', port, database: 'pgbouncer', ...admin }
    await child.waitFor('it accepts connections', () => answers(address))
    return {
      port,
      pid: child.pid,
      logFile,
      isRunning: () => child.isAlive(),
      url: (database, user, password) =>
        `postgres://${user}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`,
      adminUrl: `postgres://${admin.user}:${admin.password}@127.0.0.1:${port}/pgbouncer`,
      async [Symbol.asyncDispose]() {
        // SIGINT waits for the end of running transactions, SIGTERM for nothing (pgbouncer(1)).
        await child.stop('SIGTERM', 5_000)
        own[Symbol.dispose]()
      },
    }
  } catch (error) {
    own[Symbol.dispose]()
    throw error
  }
}

/** One line per role with a SCRAM verifier, as pgBouncer's auth_file wants it. */
async function verifiers(postgres: PostgresServer): Promise<string> {
  const rows = await postgres.query<{ rolname: string; rolpassword: string }>(
    `select rolname, rolpassword from pg_authid where rolpassword like 'SCRAM-SHA-256$%' and rolcanlogin`,
  )
  return rows.map((row) => `"${row.rolname.replaceAll('"', '""')}" "${row.rolpassword}"\n`).join('')
}

async function answers(address: Parameters<typeof withClient>[0]): Promise<boolean> {
  try {
    await withClient(address, (client) => client.query('show version'))
    return true
  } catch {
    return false
  }
}

function ini(sections: Readonly<Record<string, Readonly<Record<string, string>>>>): string {
  return Object.entries(sections)
    .map(([section, keys]) =>
      [`[${section}]`, ...Object.entries(keys).map(([key, value]) => `${key} = ${value}`), ''].join('\n'),
    )
    .join('\n')
}
