import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findProgram } from '../../../../testbed/find-program.ts'
import { createOwnDirectory } from '../../../../testbed/own-directory.ts'
import { startPostgres } from '../../../../testbed/postgres.ts'
import type { PostgresServer } from '../../../../testbed/postgres.ts'
import { runCommand } from '../../../../testbed/run-command.ts'
import { unprivilegedOwner } from '../../../../testbed/unprivileged.ts'

export const stanza = 'pg-main'

/** A server of major 15, which Debian's pgBackRest knows, that archives into a repository in a directory. */
export interface Repository extends AsyncDisposable {
  readonly postgres: PostgresServer
  readonly configFile: string
  readonly directory: string
  /** The program as the user who owns the repository. */
  readonly command: readonly string[]
  /** Runs pgBackRest for the stanza. @throws Error with its output unless it ends with status 0 */
  run(...args: readonly string[]): Promise<string>
}

export async function startRepository(): Promise<Repository> {
  const program = findProgram('pgbackrest')!
  const owner = unprivilegedOwner()
  const directory = createOwnDirectory({ prefix: 'pgherd-pgbackrest-' }, owner)
  for (const name of ['repository', 'log', 'lock', 'spool']) {
    createOwnDirectory({ path: join(directory.path, name) }, owner)
  }
  const configFile = join(directory.path, 'pgbackrest.conf')
  const postgres = await startPostgres({
    major: 15,
    settings: {
      archive_mode: 'on',
      archive_command: `${program} --config=${configFile} --stanza=${stanza} archive-push %p`,
    },
  })
  writeFileSync(
    configFile,
    `[global]
repo1-path=${join(directory.path, 'repository')}
repo1-retention-full=2
log-path=${join(directory.path, 'log')}
lock-path=${join(directory.path, 'lock')}
spool-path=${join(directory.path, 'spool')}
log-level-file=off
start-fast=y
compress-type=lz4
[${stanza}]
pg1-path=${postgres.dataDirectory}
pg1-port=${postgres.port}
pg1-socket-path=${postgres.socketDirectory}
pg1-user=postgres
`,
    { mode: 0o644 },
  )
  const command =
    owner === undefined
      ? [program]
      : ['setpriv', `--reuid=${owner.uid}`, `--regid=${owner.gid}`, '--clear-groups', program]
  const run = async (...args: readonly string[]): Promise<string> => {
    const options = [`--config=${configFile}`, `--stanza=${stanza}`]
    const result = await runCommand(program, [...options, ...args], { owner })
    if (result.status !== 0) throw new Error(`pgbackrest ${args.join(' ')}: ${result.stdout}${result.stderr}`)
    return result.stdout
  }
  return {
    postgres,
    configFile,
    directory: directory.path,
    command,
    run,
    async [Symbol.asyncDispose]() {
      await postgres[Symbol.asyncDispose]()
      directory[Symbol.dispose]()
    },
  }
}
