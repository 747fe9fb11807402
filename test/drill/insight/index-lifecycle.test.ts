import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { startFleet } from '../../../testbed/fleet.ts'
import type { Fleet } from '../../../testbed/fleet.ts'
import type { PgherdProcess } from '../../../testbed/pgherd.ts'
import { startPostgres } from '../../../testbed/postgres.ts'
import type { PostgresServer } from '../../../testbed/postgres.ts'
import { waitFor } from '../../../testbed/wait.ts'

const nodes = z.array(z.object({ servers: z.array(z.object({ systemIdentifier: z.string().nullable() })) }))
const name = 'public.orders_note_idx'
const patient = { timeoutMs: 30_000 }

/** An operator puts an index on trial, drops it and has it back, by agentctl; and the agent is killed in the middle of each. */
describe('an index of a server with an agent', () => {
  const owned = new AsyncDisposableStack()
  let postgres: PostgresServer
  let fleet: Fleet
  let agent: PgherdProcess
  let directory: string

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'pgherd-index-'))
    owned.defer(() => rmSync(directory, { recursive: true, force: true }))
    postgres = owned.use(await startPostgres())
    await postgres.query(`
      create role pgherd login in role pg_monitor;
      create role pgherd_action superuser login;
      create extension pg_stat_statements;
      create table orders (id int primary key, customer int, note text);
      insert into orders select i, i % 1000, 'note ' || i from generate_series(1, 50000) i;
      create index orders_note_idx on orders (note);
      comment on index orders_note_idx is 'for the old search'`)
    fleet = owned.use(await startFleet({ directory, operatorName: 'alice' }))
    mkdirSync(join(directory, 'agent'))
    writeFileSync(
      join(directory, 'agent', 'policy.yaml'),
      'rules:\n  - kinds: [read, change, destructive]\n  - kinds: [index-trial]\n    operators: [alice]\n',
    )
    agent = owned.use(
      await fleet.addAgent({
        directory: join(directory, 'agent'),
        cluster: 'pg-main',
        seq: 1,
        postgresUrl: postgres.url('postgres', 'pgherd'),
        extraConfig: { 'actions.postgres_url': postgres.url('postgres', 'pgherd_action') },
      }),
    )
    await known()
  }, 60_000)
  afterAll(() => owned.disposeAsync(), 30_000)

  const known = () =>
    waitFor(
      'the agent is there, and its server is known',
      async () => {
        const { stdout } = await fleet.operator.agentctl('-o', 'json', 'nodes')
        const server = nodes.parse(JSON.parse(stdout))[0]?.servers[0]
        if (server?.systemIdentifier == null) return false
        return (await fleet.operator.agentctl('run', 'ping', '-n', 'pg-main-1')).status === 0
      },
      { ...patient, explain: () => agent.logTail(5) },
    )
  const index = (...args: readonly string[]) => fleet.operator.agentctl('index', ...args)
  const killed = async (): Promise<void> => {
    await agent.kill()
    await agent.start()
  }
  const holder = async (statement: string): Promise<pg.Client> => {
    const client = new pg.Client(postgres.url())
    client.on('error', () => undefined)
    await client.connect()
    onTestFinished(() => client.end())
    await client.query(`begin; ${statement}`)
    return client
  }
  const now = async () =>
    (
      await postgres.query(
        `select indisvalid as valid, obj_description(indexrelid) as comment
           from pg_index where indexrelid = to_regclass('${name}')`,
      )
    )[0]
  const until = (what: string, condition: () => Promise<boolean>) =>
    waitFor(what, condition, { ...patient, explain: () => agent.logTail(10) })
  const events = async (): Promise<string> =>
    (await fleet.operator.agentctl('-o', 'tsv', 'events', '--type', 'agent-acted')).stdout
  const records = async (): Promise<string> => (await index('saved', 'pg-main-1')).stdout

  test('goes through a trial, a drop and a restore', async () => {
    const trial = await index(
      ...[
        'trial',
        'pg-main',
        name,
        '--danger',
        'updates-pg_index-by-hand',
        '--for',
        '1h',
        '--baseline',
        '1',
        '--yes',
      ],
    )
    expect(trial.stderr).toContain('DANGER: pg_index is updated by hand')
    expect(trial.stdout).toContain(`The planner does not use ${name} until`)
    expect(trial.status).toBe(0)
    expect(await now()).toMatchObject({ valid: false })
    const end = await index('trial-end', 'pg-main-1', name, '--yes')
    expect(end.stdout).toContain('the planner uses it again')
    expect(await now()).toMatchObject({ valid: true })

    const drop = await index('drop', 'pg-main-1', name, '--yes', '--reason', 'nobody reads by it')
    expect(drop.stdout).toContain(`Dropped ${name}`)
    expect(await now()).toBeUndefined()
    expect(await records()).toMatch(/orders_note_idx[^]*dropped/)
    const restore = await index('restore', 'pg-main-1', name, '--yes')
    expect(restore.stdout).toContain('valid and as it was')
    expect(await now()).toEqual({ valid: true, comment: 'for the old search' })
    const reindex = await index('reindex', 'pg-main-1', name, '--yes')
    expect(reindex.stdout).toContain('built anew in')
  }, 60_000)

  test('is enabled again by an agent that was killed during its trial, when its time is over', async () => {
    const trial = await index(
      ...[
        'trial',
        'pg-main-1',
        name,
        '--danger',
        'updates-pg_index-by-hand',
        '--for',
        '10s',
        '--baseline',
        '1',
        '--yes',
      ],
    )
    expect(trial.status).toBe(0)
    await killed()
    expect(await now()).toMatchObject({ valid: false })
    await until('it is enabled', async () => (await now())?.['valid'] === true)
    await known()
    expect(await records()).toContain('its time is over; the planner uses it again')
    await until('it is an event', async () => (await events()).includes('ended by its agent: trial'))
  }, 60_000)

  test('is dropped to the end by an agent that was killed half way', async () => {
    const client = await holder('select count(*) from orders')
    const dropping = index('drop', 'pg-main-1', name, '--yes')
    await until('it is half dropped', async () => (await now())?.['valid'] === false)
    const [process] = await postgres.query(`select pid from pg_stat_activity where query ilike 'drop index%'`)
    await killed()
    const { status, stdout } = await dropping
    expect(status).toBe(1)
    expect(stdout).toContain('finishes a drop that had begun')
    expect(await now()).toMatchObject({ valid: false })
    // It would come to its end where the transaction ended before the server finds that nobody waits for it.
    await until('the server has ended it', async () => {
      return (
        (await postgres.query('select from pg_stat_activity where pid = $1', [process?.['pid']])).length === 0
      )
    })
    await client.query('commit')
    await until('it is gone', async () => (await now()) === undefined)
    await known()
    await until('it is told', async () => (await records()).includes('is finished now'))
    await until('it is an event', async () => (await events()).includes('taken back by its agent: drop'))
  }, 60_000)

  test('is not left half built by an agent that was killed, and can be restored then', async () => {
    const client = await holder(`update orders set note = note where id = 1`)
    const restoring = index('restore', 'pg-main-1', name, '--yes')
    await until('it is half built', async () => (await now())?.['valid'] === false)
    await killed()
    expect((await restoring).status).toBe(1)
    // It would come to its end where the transaction ended before the server finds that nobody waits for it.
    await until('the server has ended it', async () => {
      return (await postgres.query('select from pg_stat_progress_create_index')).length === 0
    })
    await client.query('commit')
    await until('nothing is left of it', async () => (await now()) === undefined)
    await known()
    await until('it may be restored', async () =>
      (await records()).includes('what was left of it is dropped'),
    )
    expect((await index('restore', 'pg-main-1', name, '--yes')).status).toBe(0)
    expect(await now()).toEqual({ valid: true, comment: 'for the old search' })
  }, 60_000)

  test('is on no trial where the policy does not name it', async () => {
    const policy = join(directory, 'agent', 'policy.yaml')
    writeFileSync(policy, 'rules:\n  - kinds: [read, change, destructive]\n')
    const { status, stderr } = await index(
      ...['trial', 'pg-main-1', name, '--danger', 'updates-pg_index-by-hand', '--yes'],
    )
    expect(status).toBe(3)
    expect(stderr).toContain(
      'a rule has to have index-trial among its kinds, and destructive does not cover it',
    )
    expect(await now()).toMatchObject({ valid: true })
  })
})
