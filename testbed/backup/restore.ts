import { chownSync, mkdirSync } from 'node:fs'
import { createOwnDirectory } from '../own-directory.ts'
import { freePort } from '../ports.ts'
import { findPostgres } from '../postgres-binaries.ts'
import { createHome, createServer } from '../postgres-server.ts'
import type { PostgresServer } from '../postgres-server.ts'
import { baseSettingsFor, writeSettings } from '../postgres-settings.ts'
import { lastLines } from '../process.ts'
import { unprivilegedOwner } from '../unprivileged.ts'
import { waitFor } from '../wait.ts'
import type { PgBackRestProgram, PgBackRestRun } from './run-pgbackrest.ts'

export interface RestoreTarget {
  /** `default` is the end of the archive. */
  readonly type: 'default' | 'immediate' | 'time' | 'xid' | 'lsn' | 'name'
  /** A time with its zone, a transaction, `0/3000060`, or the name of a restore point. */
  readonly target?: string
  /** `promote` unless told; the default target and `immediate` too always end in a promotion without it. */
  readonly action?: 'promote' | 'pause' | 'shutdown'
  /** More options: `--set=LABEL`, `--repo=2`, `--delta`. */
  readonly more?: readonly string[]
}

/** What pgBackRest restored. Disposing stops the server and removes the directory. */
export interface Restore extends AsyncDisposable {
  readonly run: PgBackRestRun
  readonly dataDirectory: string
  /** PostgreSQL's. */
  readonly logFile: string
  /**
   * Starts a server there, without archiving; resolves when it takes connections, which may be before it has reached its
   * target.
   * @throws Error with its log when it ends before
   */
  start(settings?: Readonly<Record<string, string>>): Promise<PostgresServer>
  /** As `start`, and waits until the server is promoted. @returns how long it took from its start */
  startAndPromote(): Promise<{ readonly postgres: PostgresServer; readonly ms: number }>
}

/**
 * Restores into `data` in a directory; what pgBackRest ended with is in the result.
 * @param directory made if need be, and removed at the end; a temporary one unless told
 */
export async function restoreInto(
  program: PgBackRestProgram,
  directory: string | undefined,
  { type, target, action, more = [] }: RestoreTarget,
): Promise<Restore> {
  const owner = unprivilegedOwner()
  await using stack = new AsyncDisposableStack()
  const own = directory ?? stack.use(createOwnDirectory({ prefix: 'pgherd-restore-' }, owner)).path
  const home = stack.use(createHome(own))
  const { dataDirectory, logFile } = home
  mkdirSync(dataDirectory, { recursive: true, mode: 0o700 })
  if (owner !== undefined) chownSync(dataDirectory, owner.uid, owner.gid)
  const end =
    type === 'default'
      ? []
      : [
          `--type=${type}`,
          `--target-action=${action ?? 'promote'}`,
          ...(target === undefined ? [] : [`--target=${target}`]),
        ]
  const run = await program.run(['restore', `--pg1-path=${dataDirectory}`, ...end, ...more])
  const kept = stack.move()

  const restore: Restore = {
    run,
    dataDirectory,
    logFile,
    async start(settings = {}) {
      const binaries = await findPostgres(15)
      if (binaries === undefined) throw new Error('PostgreSQL 15 is not installed')
      const port = await freePort()
      writeSettings(dataDirectory, {
        ...baseSettingsFor(15),
        cluster_name: 'restored',
        port: String(port),
        unix_socket_directories: home.socketDirectory,
        archive_mode: 'off',
        ...settings,
      })
      const postgres = kept.use(createServer({ name: 'restored', binaries, port, home }))
      await postgres.start()
      return postgres
    },
    async startAndPromote() {
      const startedAt = performance.now()
      const postgres = await restore.start()
      await waitFor(
        'the restored server to be promoted',
        async () => {
          const [row] = await postgres.query<{ recovering: boolean }>(
            'select pg_is_in_recovery() as recovering',
          )
          return row?.recovering === false
        },
        { timeoutMs: 120_000, explain: () => lastLines(logFile, 15) },
      )
      return { postgres, ms: performance.now() - startedAt }
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
  return restore
}
