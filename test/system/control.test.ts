import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { startFleet } from '../../testbed/fleet.ts'
import type { Fleet } from '../../testbed/fleet.ts'
import type { PgherdProcess } from '../../testbed/pgherd.ts'
import { startPostgres } from '../../testbed/postgres.ts'
import type { PostgresServer } from '../../testbed/postgres.ts'
import { waitFor } from '../../testbed/wait.ts'

const nodes = z.array(
  z.object({
    node: z.string(),
    connected: z.boolean(),
    servers: z.array(z.object({ server: z.string(), systemIdentifier: z.string().nullable() })),
  }),
)
const views = z.array(z.object({ id: z.string(), state: z.string(), message: z.string().optional() }))

/** From an empty directory to a signed command, by the programs and the steps that the documentation has. */
describe('a fleet from init to a command', () => {
  const owned = new AsyncDisposableStack()
  const directory = mkdtempSync(join(tmpdir(), 'pgherd-control-'))
  owned.defer(() => rmSync(directory, { recursive: true, force: true }))
  let postgres: PostgresServer
  let fleet: Fleet
  let agent: PgherdProcess

  beforeAll(async () => {
    postgres = owned.use(await startPostgres())
    await postgres.query('create role pgherd login')
    await postgres.query(
      'grant pg_monitor, pg_signal_backend to pgherd; grant execute on function pg_reload_conf() to pgherd',
    )
    fleet = owned.use(await startFleet({ directory, operatorName: 'alice' }))
    mkdirSync(join(directory, 'agent'))
    writeFileSync(
      join(directory, 'agent', 'policy.yaml'),
      'rules:\n  - kinds: [read]\n  - kinds: [reload, terminate-session]\n    operators: [alice]\n  - kinds: [checkpoint, analyze]\nrequire_two_operators: [checkpoint]\n',
    )
    agent = owned.use(
      await fleet.addAgent({
        directory: join(directory, 'agent'),
        cluster: 'pg-main',
        seq: 1,
        postgresUrl: postgres.url('postgres', 'pgherd'),
        interval: '1s',
        extraConfig: { 'scrape.timeout': '800ms' },
      }),
    )
    await waitFor(
      'the server of the agent is known',
      async () => {
        const { stdout } = await agentctl('-o', 'json', 'nodes')
        return nodes.parse(JSON.parse(stdout))[0]?.servers[0]?.systemIdentifier != null
      },
      { timeoutMs: 20_000, explain: () => agent.logTail(5) },
    )
  }, 60_000)

  afterAll(() => owned.disposeAsync(), 30_000)

  const agentctl = (...args: readonly string[]) => fleet.operator.agentctl(...args)

  test('an agent that has joined pushes its measurements by its certificate', async () => {
    await waitFor('pg_up is in the store', async () =>
      (await agentctl('-o', 'tsv', 'query', 'pg_up{ins="pg-main-1"}')).stdout.includes('pg-main-1'),
    )
  })

  test('a report is read from the server that was named', async () => {
    const { status, stdout } = await agentctl('show', 'activity', '-n', 'pg-main-1')
    expect(status).toBe(0)
    expect(stdout).toContain('pgherd')
  })

  test('a change shows its plan, asks, and is refused where nobody can be asked', async () => {
    const { status, stderr } = await agentctl('run', 'reload', '-n', 'pg-main-1')
    expect(stderr).toContain('--yes')
    expect(status).toBe(3)
  })

  test('a setting that was changed in the file is in force after a reload', async () => {
    await postgres.query("alter system set work_mem = '7MB'")
    const { status, stdout, stderr } = await agentctl(
      'run',
      'reload',
      '-n',
      'pg-main-1',
      '--yes',
      '--reason',
      'test',
    )
    expect(stdout + stderr).toContain('pg-main-1')
    expect(status).toBe(0)
    await waitFor(
      'the new value',
      async () => (await postgres.query('show work_mem'))[0]?.['work_mem'] === '7MB',
    )
  })

  test("what the host's policy does not allow is refused with exit status 3", async () => {
    const { status, stdout } = await agentctl('run', 'log-level', 'level=debug', '-n', 'pg-main-1', '--yes')
    expect(stdout).toContain('policy')
    expect(status).toBe(3)
  })

  test('what needs two operators is done when the second has approved it, and not before', async () => {
    await postgres.query('grant pg_checkpoint to pgherd')
    const alone = await agentctl('run', 'checkpoint', '-n', 'pg-main-1', '--yes')
    expect(alone.stdout).toMatch(/two operators|second operator/)
    expect(alone.status).toBe(3)

    const bob = await fleet.addOperator('bob')
    const held = await agentctl(
      '-o',
      'json',
      'run',
      'checkpoint',
      '-n',
      'pg-main-1',
      '--yes',
      '--two-operators',
    )
    const [id = ''] = z.array(z.string()).parse(JSON.parse(held.stdout))
    expect((await agentctl('approve', id, '--yes')).status).not.toBe(0)
    expect((await bob.agentctl('approve', id, '--yes')).status).toBe(0)
    await waitFor('the checkpoint is done', async () =>
      (await agentctl('commands', id)).stdout.includes('done'),
    )
  })

  test('a command that takes long is ended by a signed cancel', async () => {
    await postgres.query('grant pg_maintain to pgherd')
    const slow = (statement: string) =>
      postgres.query(
        `create or replace function public.slow(i int) returns int language sql immutable as '${statement}'`,
      )
    await slow('select i')
    await postgres.query('create table public.t as select generate_series(1, 100) as i')
    await postgres.query('create index on public.t (public.slow(i))')
    // ANALYZE computes what is indexed, row by row.
    await slow('select pg_sleep(1); select i')
    const ids = await agentctl(
      ...['-o', 'json', 'run', 'analyze', 'table=public.t', '-n', 'pg-main-1', '--yes', '--detach'],
    )
    const [id = ''] = z.array(z.string()).parse(JSON.parse(ids.stdout))
    await agentctl('cancel', id)
    await waitFor('it has ended', async () => /cancelled|done/.test((await agentctl('commands', id)).stdout))
  })

  test('a viewer can read and cannot send a command', async () => {
    const token = (await agentctl('tokens', 'create', 'grafana', 'viewer')).stdout.trim()
    const file = join(directory, 'viewer')
    writeFileSync(file, token, { mode: 0o600 })
    expect((await agentctl('--token-file', file, 'nodes')).status).toBe(0)
    const sent = await agentctl('--token-file', file, 'run', 'ping', '--all')
    expect(sent.stderr).toContain('operator')
    expect(sent.status).toBe(3)
  })

  test('both audits tell who did what and why, and verify', async () => {
    const audit = await agentctl('audit')
    expect(audit.stdout).toContain('reload')
    expect(audit.stdout).toContain('test')
    expect((await agentctl('audit', 'verify')).status).toBe(0)
  })

  test('a command for an agent that is away is carried out when it returns', async () => {
    await agent.stop()
    const ids = (await agentctl('-o', 'json', 'run', 'ping', '-n', 'pg-main-1', '--detach')).stdout
    const [id] = z.array(z.string()).parse(JSON.parse(ids))
    await agent.start()
    await waitFor('it is done', async () => {
      const { stdout } = await agentctl('-o', 'json', 'commands')
      return views.parse(JSON.parse(stdout)).some((view) => view.id === id && view.state === 'done')
    })
  })

  test('a node that was revoked is out at once', async () => {
    expect((await agentctl('revoke', 'pg-main-1', '--yes', '--reason', 'stolen')).status).toBe(0)
    await waitFor('its channel is closed', async () => {
      const { stdout } = await agentctl('-o', 'json', 'nodes')
      return nodes.parse(JSON.parse(stdout))[0]?.connected === false
    })
    await waitFor('it is told why', () => /revoked|certificate|401|403/.test(agent.logTail(20)))
  })
})
