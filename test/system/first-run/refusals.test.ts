import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startPostgres, startStandby } from '../../../testbed/postgres.ts'
import type { PostgresServer } from '../../../testbed/postgres.ts'
import { runCommand } from '../../../testbed/run-command.ts'
import { ask, createSetupHost, debianHba, failuresIn, isRoot, setHba, testHba } from './setup-host.ts'

let server: PostgresServer
beforeAll(async () => {
  if (!isRoot) return
  server = await startPostgres({ name: 'pg-shop' })
  await setHba(server, debianHba)
})
afterAll(async () => {
  if (isRoot) await server[Symbol.asyncDispose]()
})

// Each of them begins with a server that knows no agent.
beforeEach(async () => {
  if (isRoot) await ask(server, 'drop role if exists pgherd')
})

describe.skipIf(!isRoot)('what setup does not do', () => {
  test('without a PostgreSQL server it says so, and changes nothing', async () => {
    const { status, stderr } = await runCommand('unshare', [
      ...['--pid', '--fork', '--mount-proc', process.execPath],
      ...[resolve('agent/main.ts'), 'setup', '--yes', '--config', '/nowhere/agent.yaml'],
    ])
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: 'pgherd-agent: no PostgreSQL server runs on this host that can be watched; start it first\n',
    })
  })

  test('a server that is not there is not guessed: those that are there are named', async () => {
    const { status, stderr } = await createSetupHost({ dataDirectory: '/nowhere' }).setup('--yes')
    expect(status).toBe(1)
    expect(stderr).toContain(`${server.dataDirectory} (port ${server.port})`)
  })

  test('where nobody can be asked and --yes is missing, nothing begins', async () => {
    const { status, stderr } = await createSetupHost(server).setup()
    expect(status).toBe(2)
    expect(stderr).toMatch(/nobody can be asked here; allowed: a terminal, --yes or --print/)
  })

  test('pg_hba.conf is never edited: the line that it lacks is printed with its place, and nothing is changed', async () => {
    await using closed = await startPostgres()
    await setHba(closed, [
      testHba,
      'local all postgres peer',
      'host all all 127.0.0.1/32 reject',
      'local all all ident',
    ])
    const host = createSetupHost(closed)

    const refused = await host.setup('pg-main-1', '--yes')
    expect(refused.status).toBe(3)
    const [, line = ''] = /^ *(host .*)$/m.exec(refused.stderr.replaceAll('pgherd-agent: ', '')) ?? []
    expect(line).toMatch(/^host +all +pgherd +127\.0\.0\.1\/32 +scram-sha-256$/)
    expect(refused.stderr).toMatch(/pg_hba\.conf before line 3, which decides so far \(reject\)/)
    expect(existsSync(host.configFile)).toBe(false)
    expect(await ask(closed, `select from pg_roles where rolname = 'pgherd'`)).toEqual([])

    await setHba(closed, [testHba, 'local all postgres peer', line, 'host all all 127.0.0.1/32 reject'])
    expect(await host.setup('pg-main-1', '--yes')).toMatchObject({ status: 0, stderr: '' })
  })

  test('a configuration that says something else is shown as a difference and kept, unless told to replace it', async () => {
    const host = createSetupHost(server)
    expect((await host.setup('pg-main-1', '--yes')).status).toBe(0)
    const own = readFileSync(host.configFile, 'utf8').replace(
      'seq: 1\n',
      'seq: 1\nscrape: { interval: 15s }\n',
    )
    writeFileSync(host.configFile, own)

    const kept = await host.setup('--yes')
    expect(kept.status).toBe(0)
    expect(kept.stdout).toMatch(/\| -scrape: \{ interval: 15s \}/)
    expect(readFileSync(host.configFile, 'utf8')).toBe(own)

    const replaced = await host.setup('--yes', '--replace')
    expect(replaced.status).toBe(0)
    expect(readFileSync(host.configFile, 'utf8')).not.toContain('scrape:')
    expect(readFileSync(`${host.configFile}.before`, 'utf8')).toBe(own)
  })

  test('a configuration with a mistake is named with its line, before anything else happens', async () => {
    const host = createSetupHost(server)
    expect((await host.setup('pg-main-1', '--yes')).status).toBe(0)
    writeFileSync(host.configFile, 'identity:\n  cluster: pg-main\n  seq: one\n')
    const { status, stderr } = await host.setup('--yes')
    expect(status).toBe(2)
    expect(stderr).toContain('agent.yaml:3: identity.seq: was "one"; allowed: a whole number')
  })

  test('a role that has a password is left with it: this host has to be told', async () => {
    const first = createSetupHost(server)
    const second = createSetupHost(server)
    expect((await first.setup('pg-main-1', '--yes')).status).toBe(0)

    const refused = await second.setup('pg-main-1', '--yes')
    expect(refused.status).toBe(3)
    expect(refused.stderr).toMatch(/has a password, which this host does not know; allowed: --password-from/)

    // Nobody runs half of it.
    const printed = await second.setup('pg-main-1', '--print')
    expect(printed.status).toBe(3)
    expect(printed.stdout).toMatch(/^# CANNOT BE DONE YET: .* has a password/m)
    const ran = await runCommand('sh', ['-c', printed.stdout])
    expect(ran).toMatchObject({ status: 3, stdout: '' })
    expect(existsSync(second.passwordFile)).toBe(false)

    const told = await second.setup('pg-main-1', '--yes', '--password-from', first.passwordFile)
    expect(told).toMatchObject({ status: 0, stderr: '' })
    expect(readFileSync(second.passwordFile, 'utf8')).toBe(readFileSync(first.passwordFile, 'utf8'))
  })
})

test.skipIf(!isRoot)(
  'on a standby it says that the role comes from the primary, and takes it once it has come',
  async () => {
    await using primary = await startPostgres()
    await using standby = await startStandby(primary)
    const replication = 'host replication all 127.0.0.1/32 trust'
    await setHba(primary, [replication, ...debianHba])
    await setHba(standby, [replication, ...debianHba])
    const host = createSetupHost(standby)
    await expect.poll(() => ask(standby, 'select 1 from pg_stat_wal_receiver')).toHaveLength(1)

    const refused = await host.setup('pg-main-2', '--yes')
    expect(refused.status).toBe(3)
    expect(refused.stderr).toContain(`is a standby, and its role pgherd is not ready`)
    expect(refused.stderr).toContain(`port=${primary.port}`)
    expect(refused.stderr).toContain('GRANT pg_monitor TO "pgherd";')

    const onPrimary = createSetupHost(primary)
    expect((await onPrimary.setup('pg-main-1', '--yes')).status).toBe(0)
    await expect
      .poll(() => ask(standby, `select 1 as there from pg_roles where rolname = 'pgherd'`))
      .toHaveLength(1)
    const done = await host.setup('pg-main-2', '--yes', '--password-from', onPrimary.passwordFile)
    expect(done).toMatchObject({ status: 0, stderr: '' })
    expect(done.stdout).toMatch(/standby, at /)
    expect(failuresIn(done.stdout)).toEqual([])
  },
)
