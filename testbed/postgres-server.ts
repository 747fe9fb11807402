import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { QueryResultRow } from 'pg'
import { createOwnDirectory } from './own-directory.ts'
import { withClient } from './postgres-client.ts'
import type { PostgresBinaries, PostgresMajor } from './postgres-binaries.ts'
import { childrenOf, isAlive, isStopped, signalProcess } from './process-table.ts'
import { startChild } from './process.ts'
import type { Child } from './process.ts'
import { runCommand } from './run-command.ts'
import { unprivilegedOwner } from './unprivileged.ts'
import { waitFor } from './wait.ts'

/** One real PostgreSQL server of the test bed. Disposing stops it and removes all its files. */
export interface PostgresServer extends AsyncDisposable {
  readonly name: string
  readonly major: PostgresMajor
  /** As the server reports it: `18.4`. */
  readonly version: string
  readonly host: '127.0.0.1'
  readonly port: number
  readonly socketDirectory: string
  readonly dataDirectory: string
  readonly logFile: string
  /** Of the postmaster. @throws Error while the server is down */
  readonly pid: number
  isRunning(): boolean
  /** A connection URL over TCP. */
  url(database?: string, user?: string, password?: string): string
  /** Runs SQL as superuser over the socket, on a connection of its own; the rows of the last statement. */
  query<Row extends QueryResultRow = QueryResultRow>(
    sql: string,
    parameters?: readonly unknown[],
    database?: string,
  ): Promise<Row[]>
  /** Starts a stopped or killed server; resolves when it accepts connections. */
  start(): Promise<void>
  /** `fast` ends sessions and writes a checkpoint; `immediate` leaves recovery to the next start. */
  stop(mode?: 'fast' | 'immediate'): Promise<void>
  /** The crash: SIGKILL to the postmaster and all its processes; resolves when none is left. */
  kill(): Promise<void>
  /** The hang: connections stay open and nothing answers, until `resume`. */
  pause(): Promise<void>
  resume(): void
}

/** Directories of one server, made by `createHome`. Disposing removes them. */
export interface Home extends Disposable {
  readonly dataDirectory: string
  readonly socketDirectory: string
  readonly logFile: string
}

/** sockaddr_un holds 108 bytes with the final zero (unix(7)). */
const longestSocketPath = 107

/** Makes the directories of a server, owned by who will run it; without a path temporary ones. */
export function createHome(path?: string): Home {
  const owner = unprivilegedOwner()
  const home = createOwnDirectory(path === undefined ? { prefix: 'pgherd-postgres-' } : { path }, owner)
  const inside = join(home.path, 'socket')
  const fits = Buffer.byteLength(join(inside, '.s.PGSQL.65535.lock')) <= longestSocketPath
  const socket = createOwnDirectory(
    fits ? { path: inside } : { prefix: 'pgherd-socket-', parent: '/tmp' },
    owner,
  )
  return {
    dataDirectory: join(home.path, 'data'),
    socketDirectory: socket.path,
    logFile: join(home.path, 'postgres.log'),
    [Symbol.dispose]() {
      socket[Symbol.dispose]()
      home[Symbol.dispose]()
    },
  }
}

/** A server over an existing data directory, not started yet. */
export function createServer(options: {
  name: string
  binaries: PostgresBinaries
  port: number
  home: Home
  /** Added to the small environment that every child gets. */
  environment?: Readonly<Record<string, string>>
}): PostgresServer {
  const { binaries, home, name, port, environment = {} } = options
  const { dataDirectory, logFile, socketDirectory } = home
  let postmaster: Child | undefined

  const running = (): Child => {
    if (postmaster?.isAlive() !== true) throw new Error(`PostgreSQL ${name} is not running`)
    return postmaster
  }
  const processes = (): readonly number[] =>
    postmaster?.isAlive() === true ? [postmaster.pid, ...childrenOf(postmaster.pid)] : []

  const server: PostgresServer = {
    name,
    major: binaries.major,
    version: binaries.version,
    host: '127.0.0.1',
    port,
    socketDirectory,
    dataDirectory,
    logFile,
    get pid() {
      return running().pid
    },
    isRunning: () => postmaster?.isAlive() === true,
    url(database = 'postgres', user = 'postgres', password) {
      const secret = password === undefined ? '' : `:${encodeURIComponent(password)}`
      return `postgres://${user}${secret}@127.0.0.1:${port}/${database}`
    },
    query: (sql, parameters, database = 'postgres') =>
      withClient({ host: socketDirectory, port, database }, async (client) => {
        const result: unknown = await client.query(
          sql,
          parameters === undefined ? undefined : [...parameters],
        )
        // Several statements in one text give one result each.
        const last: unknown = Array.isArray(result) ? result.at(-1) : result
        return (last as { rows: never[] }).rows
      }),
    async start() {
      if (postmaster?.isAlive() === true) return
      const child = await startChild({
        name: `PostgreSQL ${name}`,
        command: binaries.postgres,
        args: ['-D', dataDirectory],
        logFile,
        environment,
        owner: unprivilegedOwner(),
        quickSignal: 'SIGQUIT',
      })
      postmaster = child
      await child.waitFor(
        'it accepts connections',
        () => acceptsConnections(dataDirectory, child.pid),
        60_000,
      )
    },
    async stop(mode = 'fast') {
      if (postmaster?.isAlive() !== true) return
      server.resume()
      await postmaster.stop(mode === 'fast' ? 'SIGINT' : 'SIGQUIT', 30_000)
    },
    async kill() {
      if (postmaster?.isAlive() !== true) return
      // A stopped postmaster starts no process between our look and our signal.
      postmaster.signal('SIGSTOP')
      const all = processes()
      for (const pid of all) signalProcess(pid, 'SIGKILL')
      await postmaster.exited
      await waitFor(`the processes of PostgreSQL ${name} to be gone`, () => !all.some(isAlive))
    },
    async pause() {
      const { pid } = running()
      signalProcess(pid, 'SIGSTOP')
      await waitFor('the postmaster to stop', () => isStopped(pid))
      const children = childrenOf(pid)
      for (const child of children) signalProcess(child, 'SIGSTOP')
      await waitFor('all processes to stop', () =>
        children.every((child) => isStopped(child) || !isAlive(child)),
      )
    },
    resume() {
      for (const pid of processes().toReversed()) signalProcess(pid, 'SIGCONT')
    },
    async [Symbol.asyncDispose]() {
      await server.stop('immediate')
      await removeSharedMemory(dataDirectory)
      home[Symbol.dispose]()
    },
  }
  return server
}

/** As pg_ctl does: line 1 of postmaster.pid is the process, line 8 says `ready` once clients are welcome. */
function acceptsConnections(dataDirectory: string, pid: number): boolean {
  const lines = readPidFile(dataDirectory)
  return Number(lines[0]) === pid && lines[7]?.trim() === 'ready'
}

function readPidFile(dataDirectory: string): readonly string[] {
  const file = join(dataDirectory, 'postmaster.pid')
  try {
    return existsSync(file) ? readFileSync(file, 'utf8').split('\n') : []
  } catch {
    return []
  }
}

/** A killed server leaves its System V segment to the next start, which a removed directory never has. */
async function removeSharedMemory(dataDirectory: string): Promise<void> {
  const segment = /^\s*\d+\s+(\d+)\s*$/.exec(readPidFile(dataDirectory)[6] ?? '')?.[1]
  if (segment !== undefined) await runCommand('ipcrm', ['-m', segment])
}
