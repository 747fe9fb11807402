import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { startFleet } from '../../../testbed/fleet.ts'
import type { Fleet } from '../../../testbed/fleet.ts'
import { startPostgres, startStandby } from '../../../testbed/postgres.ts'
import type { PostgresServer } from '../../../testbed/postgres.ts'
import { waitFor } from '../../../testbed/wait.ts'

/** A primary with a standby, each with its agent, tuned by the name of their cluster. */
const owned = new AsyncDisposableStack()
let primary: PostgresServer
let standby: PostgresServer
let fleet: Fleet

const nodes = z.array(
  z.object({
    node: z.string(),
    role: z.string().nullable(),
    servers: z.array(z.object({ systemIdentifier: z.string().nullable() })),
  }),
)
const tuned = ['max_connections', 'work_mem']

beforeAll(async () => {
  const directory = mkdtempSync(join(tmpdir(), 'pgherd-tune-cluster-'))
  owned.defer(() => rmSync(directory, { recursive: true, force: true }))
  primary = owned.use(await startPostgres())
  await primary.query('create role pgherd login')
  await primary.query('grant pg_monitor to pgherd')
  await primary.query('grant execute on function pg_reload_conf(), pg_show_all_file_settings() to pgherd')
  await primary.query('grant select on pg_file_settings to pgherd')
  await primary.query(`grant alter system on parameter ${tuned.join(', ')} to pgherd`)
  standby = owned.use(await startStandby(primary))
  fleet = owned.use(await startFleet({ directory, operatorName: 'alice' }))
  for (const [index, server] of [primary, standby].entries()) {
    const own = join(directory, `agent-${index + 1}`)
    mkdirSync(own)
    writeFileSync(join(own, 'policy.yaml'), 'rules:\n  - kinds: [read, tune-apply, tune-rollback]\n')
    owned.use(
      await fleet.addAgent({
        directory: own,
        cluster: 'pg-main',
        seq: index + 1,
        postgresUrl: server.url('postgres', 'pgherd'),
        interval: '1s',
        extraConfig: { 'scrape.timeout': '800ms' },
      }),
    )
  }
  await waitFor(
    'both members are known with their roles',
    async () => {
      const { stdout } = await fleet.operator.agentctl('-o', 'json', 'nodes')
      const all = nodes.parse(JSON.parse(stdout))
      return (
        all.length === 2 &&
        all.every(({ role, servers }) => role !== null && servers[0]?.systemIdentifier != null)
      )
    },
    { timeoutMs: 60_000 },
  )
}, 180_000)

afterAll(() => owned.disposeAsync(), 60_000)

const quick = ['--guard', '5s', '--baseline', '1s', '--yes']
const apply = (...args: readonly string[]) =>
  fleet.operator.agentctl('tune', 'apply', 'pg-main', ...args, ...quick)
const staged = async (server: PostgresServer): Promise<unknown> =>
  (
    await server.query(
      "select setting from pg_file_settings where name = 'max_connections' and sourcefile like '%auto.conf'",
    )
  )[0]?.['setting']

test('max_connections rises on the standby first, and waits on both for a restart', async () => {
  const { status, stdout, stderr } = await apply('--set', 'max_connections=120')
  expect(status, stdout + stderr).toBe(0)
  expect(stdout).toContain('order: pg-main-2, pg-main-1 (the standbys first, since max_connections rises)')
  expect(await Promise.all([staged(primary), staged(standby)])).toEqual(['120', '120'])
  expect(stdout.match(/waits-for-restart/g)).toHaveLength(2)
})

test('a primary alone is refused the rise, since nobody sees from there what its standbys have', async () => {
  const { status, stdout } = await fleet.operator.agentctl(
    ...['tune', 'plan', 'pg-main-1', '--set', 'max_connections=150'],
  )
  expect(stdout).toMatch(/REFUSED: .*standbys/)
  expect(status).toBe(3)
})

test('both are taken back, and a reload is then tried on the standby first', async () => {
  for (const node of ['pg-main-1', 'pg-main-2']) {
    const { status, stderr } = await fleet.operator.agentctl('tune', 'rollback', node, '--yes')
    expect(status, stderr).toBe(0)
  }
  const { status, stdout, stderr } = await apply('--set', 'work_mem=9MB', '--follow')
  expect(status, stdout + stderr).toBe(0)
  expect(stdout).toContain('order: pg-main-2, pg-main-1')
  expect(await primary.query("select current_setting('work_mem') as v")).toEqual([{ v: '9MB' }])
  expect(await standby.query("select current_setting('work_mem') as v")).toEqual([{ v: '9MB' }])
})
