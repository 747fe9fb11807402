import { join } from 'node:path'
import { findProgram } from '../find-program.ts'
import { fault } from '../fault.ts'
import type { Fault } from '../fault.ts'
import { createOwnDirectory } from '../own-directory.ts'
import { startPostgres } from '../postgres.ts'
import type { PostgresServer } from '../postgres.ts'
import { writeOwned } from '../postgres-settings.ts'
import { unprivilegedOwner } from '../unprivileged.ts'
import { pgbench } from './pgbench.ts'
import { repositoryOptions } from './repository.ts'
import type { Repository, RepositoryOptions } from './repository.ts'
import { restoreInto } from './restore.ts'
import type { Restore, RestoreTarget } from './restore.ts'
import { pgBackRestProgram } from './run-pgbackrest.ts'
import type { PgBackRestProgram, PgBackRestRun } from './run-pgbackrest.ts'
import { archiveNow } from './wal.ts'

export type BackupType = 'full' | 'diff' | 'incr'

export interface ArchivingOptions {
  /** `pg-main` unless told. */
  readonly stanza?: string
  /** One of a directory of its own unless told. */
  readonly repositories?: readonly RepositoryOptions[]
  /** Fills the database `postgres` with pgbench's tables: 15 MB each. */
  readonly pgbenchScale?: number
  /** pgBackRest's, of the section `global`, over those of the test bed: `{ 'archive-async': 'y', 'io-timeout': '3' }`. */
  readonly options?: Readonly<Record<string, string>>
  /** PostgreSQL's, over those of the test bed. */
  readonly settings?: Readonly<Record<string, string>>
  /** Of the server, its archive_command and pgBackRest, in place of the true one: `movableClock(...).environment`. */
  readonly environment?: Readonly<Record<string, string>>
}

/** A PostgreSQL 15 that archives its WAL by pgBackRest, and its stanza. */
export interface ArchivingPostgres extends PgBackRestProgram, AsyncDisposable {
  readonly postgres: PostgresServer
  readonly stanza: string
  /** With what is not in a repository: `log`, `lock`, `spool` and room for more; of the servers' user. */
  readonly directory: string
  readonly configFile: string
  readonly repositories: readonly Repository[]
  /**
   * Writes options of the section `global` over those that are there: `{ 'repo1-cipher-pass': 'wrong' }`; undefined takes
   * one out. Healing it writes what was there before.
   */
  configure(options: Readonly<Record<string, string | undefined>>): Fault
  backup(type: BackupType, ...more: readonly string[]): Promise<PgBackRestRun>
  /** The JSON text of `info`, unread: numbers in it are larger than JavaScript's. */
  info(): Promise<string>
  /** Ends the current segment and waits until it is archived. @returns its name */
  archive(): Promise<string>
  /** Restores into a new directory, and leaves it to the caller to start a server there. */
  restoreInto(directory: string | undefined, target: RestoreTarget): Promise<Restore>
}

/**
 * Starts the server and creates the stanza; its first backup is the caller's. Everything that it made is gone after its
 * disposal and after our own end, except what it put into an S3 server.
 */
export async function startArchivingPostgres(options: ArchivingOptions = {}): Promise<ArchivingPostgres> {
  const { stanza = 'pg-main', repositories: wanted = [{}], environment = {} } = options
  const owner = unprivilegedOwner()
  await using stack = new AsyncDisposableStack()
  const { path: directory } = stack.use(createOwnDirectory({ prefix: 'pgherd-backup-' }, owner))
  const inside = (name: string): string => createOwnDirectory({ path: join(directory, name) }, owner).path
  const configFile = join(directory, 'pgbackrest.conf')
  const repositories = wanted.map(({ path, s3 }, index): Repository => {
    const key = index + 1
    return s3 === undefined
      ? { key, kind: 'posix', path: path ?? inside(`repository-${key}`) }
      : { key, kind: 's3', path: join(s3.bucketDirectory, 'repository'), s3 }
  })
  let global: Readonly<Record<string, string | undefined>> = {
    ...Object.fromEntries(
      repositories.flatMap((one, index) => Object.entries(repositoryOptions(one, wanted[index]!))),
    ),
    'log-path': inside('log'),
    'lock-path': inside('lock'),
    'spool-path': inside('spool'),
    'log-level-file': 'off',
    'start-fast': 'y',
    'process-max': '2',
    'compress-type': 'lz4',
    ...options.options,
  }
  const program = pgBackRestProgram(configFile, stanza, environment)
  const postgres = stack.use(
    await startPostgres({
      major: 15,
      environment,
      settings: {
        archive_mode: 'on',
        archive_command: `${findProgram('pgbackrest') ?? 'pgbackrest'} --config=${configFile} --stanza=${stanza} archive-push %p`,
        ...options.settings,
      },
    }),
  )
  const writeConfig = (): void =>
    writeOwned(
      configFile,
      [
        '[global]',
        ...Object.entries(global).flatMap(([name, value]) => (value === undefined ? [] : `${name}=${value}`)),
        `[${stanza}]`,
        `pg1-path=${postgres.dataDirectory}`,
        `pg1-port=${postgres.port}`,
        `pg1-socket-path=${postgres.socketDirectory}`,
        'pg1-user=postgres',
        '',
      ].join('\n'),
    )
  writeConfig()
  await program.mustRun(['stanza-create'])
  if (options.pgbenchScale !== undefined) {
    await pgbench(postgres, ['-i', '-q', '-s', String(options.pgbenchScale)])
  }

  const kept = stack.move()
  return {
    ...program,
    postgres,
    stanza,
    directory,
    configFile,
    repositories,
    configure(more) {
      const before = global
      global = { ...global, ...more }
      writeConfig()
      return fault(() => {
        global = before
        writeConfig()
      })
    },
    backup: (type, ...more) => program.run(['backup', `--type=${type}`, ...more]),
    info: () => program.mustRun(['info', '--output=json']),
    archive: () => archiveNow(postgres),
    restoreInto: (into, target) => restoreInto(program, into, target),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}
