import { chmodSync, existsSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { postgresMajors, startPostgres } from '../../../testbed/postgres.ts'
import type { PostgresServer } from '../../../testbed/postgres.ts'
import { findProgram } from '../../../testbed/find-program.ts'
import { runCommand } from '../../../testbed/run-command.ts'
import { ask, createSetupHost, debianHba, failuresIn, isRoot, setHba } from './setup-host.ts'

let server: PostgresServer
beforeAll(async () => {
  if (!isRoot) return
  server = await startPostgres()
  await setHba(server, debianHba)
})
afterAll(async () => {
  if (isRoot) await server[Symbol.asyncDispose]()
})

test.skipIf(!isRoot || findProgram('psql') === undefined)(
  'what --print prints changes nothing by itself, and run by sh does what setup does',
  async () => {
    const host = createSetupHost(server)
    const printed = await host.setup('pg-main-1', '--print')
    expect(printed).toMatchObject({ status: 0, stderr: '' })
    expect(existsSync(host.configFile)).toBe(false)
    expect(await ask(server, `select from pg_roles where rolname = 'pgherd'`)).toEqual([])

    const ran = await runCommand('/bin/sh', ['-c', printed.stdout], {
      environment: { PATH: host.path },
      timeoutMs: 60_000,
    })
    expect(ran).toMatchObject({ status: 0, stderr: '' })
    expect(ran.stdout).toMatch(/ok +the role has pg_monitor/)
    expect(failuresIn(ran.stdout)).toEqual([])

    const again = await host.setup('--yes')
    expect(again).toMatchObject({ status: 0, stderr: '' })
    expect(again.stdout).toMatch(/^Nothing was to be done/m)
  },
)

test.skipIf(!isRoot)(
  'a role that is called as the agent needs no password where the socket asks the kernel',
  async () => {
    const host = createSetupHost(server)
    // That of the test bed is closed to all but the server's user, other than one in /run.
    for (const directory of [server.socketDirectory, dirname(server.socketDirectory)]) {
      chmodSync(directory, 0o755)
    }
    const { status, stdout } = await host.setup('pg-main-1', '--yes', '--role', 'nobody')
    expect(status).toBe(0)
    expect(stdout).toMatch(/ok +the role has pg_monitor/)
    expect(failuresIn(stdout)).toEqual([])
    expect(existsSync(host.passwordFile)).toBe(false)
    expect(readFileSync(host.configFile, 'utf8')).toContain(
      `url: postgres://nobody@localhost:${server.port}/postgres?host=${server.socketDirectory}\n`,
    )
    expect(await ask(server, `select rolpassword from pg_authid where rolname = 'nobody'`)).toEqual([
      { rolpassword: null },
    ])
  },
)

test.skipIf(!isRoot)(
  'an agent that may not use the socket ends setup with what to do, before the agent joins or starts',
  async () => {
    // The directory of a server of the test bed is closed to all but the server's user.
    await using closed = await startPostgres()
    await setHba(closed, debianHba)
    const host = createSetupHost(closed)
    const { status, stdout, stderr } = await host.setup('pg-main-1', '--yes', '--role', 'nobody')
    expect(status).toBe(4)
    expect(stderr).toMatch(/user nobody does not reach pg-main-1 .*\n.*add nobody to its group/)
    expect(stderr).toContain('neither joined nor started')
    expect(stdout).not.toMatch(/is set up/)
  },
)

test.skipIf(!isRoot).each(postgresMajors)(
  'PostgreSQL %i gets a role that may look and not touch, and is measured by it',
  async (major) => {
    await using one = await startPostgres({ major })
    await setHba(one, debianHba)
    const host = createSetupHost(one)
    const first = await host.setup('pg-main-1', '--yes')
    expect(first).toMatchObject({ status: 0, stderr: '' })
    expect(first.stdout).toMatch(new RegExp(`PostgreSQL ${major}\\.`))
    expect(first.stdout).toMatch(/ok +the role has pg_monitor/)
    expect(failuresIn(first.stdout)).toEqual([])
    expect(
      await ask(
        one,
        `select rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls, rolconnlimit,
                pg_has_role(oid, 'pg_monitor', 'usage') as sees,
                rolpassword like 'SCRAM-SHA-256$%' as is_scram
           from pg_authid where rolname = 'pgherd'`,
      ),
    ).toEqual([
      {
        ...{ rolsuper: false, rolcreatedb: false, rolcreaterole: false, rolreplication: false },
        ...{ rolbypassrls: false, rolconnlimit: 8, sees: true, is_scram: true },
      },
    ])
    expect((await host.setup('--yes')).stdout).toMatch(/^Nothing was to be done/m)
  },
)
