import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'
import { onTestFinished } from 'vitest'
import type { PostgresServer } from '../../../testbed/postgres.ts'
import { withClient } from '../../../testbed/postgres-client.ts'
import { writeOwned } from '../../../testbed/postgres-settings.ts'
import { runCommand } from '../../../testbed/run-command.ts'
import type { CommandResult } from '../../../testbed/run-command.ts'

/** Who the agent of these tests runs as: somebody else than the servers. */
export const agentUser = 'nobody'
export const isRoot = process.getuid?.() === 0

/** For `ask`: the tests themselves come as the superuser over TCP, whom the agent's setup never takes for itself. */
export const testHba = 'host all postgres 127.0.0.1/32 trust'

/** As Debian's pg_hba.conf is, but for that. */
export const debianHba = [
  testHba,
  'local all postgres peer',
  'local all all peer',
  'host all all 127.0.0.1/32 scram-sha-256',
]

/** The rows of a query. */
export function ask(
  { port }: Pick<PostgresServer, 'port'>,
  sql: string,
): Promise<readonly Record<string, unknown>[]> {
  return withClient({ host: '127.0.0.1', port }, async (client) => {
    const { rows } = await client.query<Record<string, unknown>>(sql)
    return rows
  })
}

/** Places for one host's agent, and `pgherd-agent` and `sudo` as words of a shell. Gone after the test. */
export interface SetupHost {
  readonly configFile: string
  readonly passwordFile: string
  readonly stateDirectory: string
  readonly path: string
  /** Runs `pgherd-agent setup` for one server, with these words before those that keep it to the test. */
  setup(...words: readonly string[]): Promise<CommandResult>
  /** The same by a line for a shell, such as agentctl enroll prints. */
  paste(line: string, ...more: readonly string[]): Promise<CommandResult>
}

export function createSetupHost(server: Pick<PostgresServer, 'dataDirectory'>): SetupHost {
  const directory = mkdtempSync(join(tmpdir(), 'pgherd-first-run-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  chmodSync(directory, 0o755)
  const bin = join(directory, 'bin')
  mkdirSync(bin)
  const word = (name: string, line: string): void =>
    writeFileSync(join(bin, name), `#!/bin/sh\n${line}\n`, { mode: 0o755 })
  word('pgherd-agent', `exec ${process.execPath} ${resolve('agent/main.ts')} "$@"`)
  word('sudo', 'exec "$@"')
  const configFile = join(directory, 'etc', 'agent.yaml')
  const stateDirectory = join(directory, 'var', 'agent')
  const path = [bin, '/usr/bin', '/bin', '/usr/sbin', '/sbin'].join(delimiter)
  const own = [
    ...['--only', server.dataDirectory, '--no-neighbours', '--user', agentUser],
    ...['--config', configFile, '--state-directory', stateDirectory],
  ]
  const host: SetupHost = {
    configFile,
    passwordFile: join(directory, 'etc', 'agent.password'),
    stateDirectory,
    path,
    setup: (...words) =>
      runCommand(join(bin, 'pgherd-agent'), ['setup', ...words, ...own], { timeoutMs: 60_000 }),
    paste: (line, ...more) =>
      runCommand('/bin/sh', ['-c', [line, ...more, ...own].join(' ')], {
        timeoutMs: 60_000,
        environment: { PATH: path },
      }),
  }
  return host
}

/** Sets who may come in, and has the server read it. */
export async function setHba(server: PostgresServer, lines: readonly string[]): Promise<void> {
  writeOwned(join(server.dataDirectory, 'pg_hba.conf'), `${lines.join('\n')}\n`)
  await server.stop()
  await server.start()
}

/** What a self-test found broken, but for the collector, where a test has none. */
export function failuresIn(output: string): readonly string[] {
  return output.split('\n').filter((line) => /^ *FAILED /.test(line) && !line.includes('the collector at'))
}
