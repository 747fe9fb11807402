import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { findProgram } from '../../../testbed/find-program.ts'
import { startPostgres } from '../../../testbed/postgres.ts'
import { runCommand } from '../../../testbed/run-command.ts'
import { ask, createSetupHost, debianHba, isRoot, setHba } from './setup-host.ts'

// script(1) of util-linux gives it a terminal, whose lines wait until they are read.
test.skipIf(!isRoot || findProgram('script') === undefined)(
  'on a terminal a no, and an end of the input, leave all as it was and are a failure',
  async () => {
    await using server = await startPostgres()
    await setHba(server, debianHba)
    const host = createSetupHost(server)
    for (const answer of [`printf 'n\\n'`, `printf '\\004'`]) {
      const words = [
        'setup',
        'pg-main-1',
        '--only',
        server.dataDirectory,
        '--no-neighbours',
        '--user',
        'nobody',
      ]
      const inside = ['pgherd-agent', ...words, '--config', host.configFile].join(' ')
      const { status, stdout } = await runCommand(
        '/bin/sh',
        ['-c', `${answer} | script --quiet --return --command '${inside}' /dev/null`],
        { timeoutMs: 60_000, environment: { PATH: host.path } },
      )
      expect(stdout, answer).toContain('Do it? [y/N]')
      expect(stdout, answer).toContain('Nothing was changed.')
      expect(status, answer).toBe(1)
    }
    expect(existsSync(host.configFile)).toBe(false)
    expect(existsSync(host.passwordFile)).toBe(false)
    expect(await ask(server, `select from pg_roles where rolname = 'pgherd'`)).toEqual([])
  },
)
