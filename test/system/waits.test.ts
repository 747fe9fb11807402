import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { expect, test } from 'vitest'
import { startFleet } from '../../testbed/fleet.ts'
import { startPostgres } from '../../testbed/postgres.ts'
import { waitFor } from '../../testbed/wait.ts'

test('what a session waits for is told by the collector, and second by second by its host', async () => {
  await using stack = new AsyncDisposableStack()
  const directory = mkdtempSync(join(tmpdir(), 'pgherd-waits-'))
  stack.defer(() => rmSync(directory, { recursive: true, force: true }))
  const postgres = stack.use(await startPostgres({ settings: { compute_query_id: 'on' } }))
  await postgres.query('create role pgherd login in role pg_monitor; create role till login')
  await postgres.query(
    'create table stock (id int); insert into stock values (1); grant all on stock to till',
  )
  const fleet = stack.use(await startFleet({ directory, operatorName: 'alice' }))
  const agent = stack.use(
    await fleet.addAgent({
      directory: join(directory, 'agent'),
      cluster: 'pg-main',
      seq: 1,
      postgresUrl: postgres.url('postgres', 'pgherd'),
      interval: '1s',
      extraConfig: { 'scrape.timeout': '800ms' },
    }),
  )
  const clients = await Promise.all(
    [1, 2].map(async () => {
      const client = new pg.Client({
        connectionString: postgres.url('postgres', 'till'),
        application_name: 'desk',
      })
      client.on('error', () => undefined)
      await client.connect()
      stack.defer(() => client.end().catch(() => undefined))
      return client
    }),
  )
  const [holder, waiter] = clients
  await holder!.query('begin; update stock set id = 2')
  waiter!.query('update stock set id = 3').catch(() => undefined)

  const seen = async (...args: readonly string[]): Promise<string> =>
    (await fleet.operator.agentctl('ash', 'pg-main', '--since', '1m', ...args)).stdout
  await waitFor(
    'the wait by its table',
    async () => / stock +transactionid$/m.test(await seen('--by', 'table')),
    {
      timeoutMs: 60_000,
      explain: () => agent.logTail(10),
    },
  )
  const byEvent = await seen()
  expect(byEvent).toMatch(/^pg-main, 1m00s until .*: \d\.\d\d sessions worked on average, \d+ processors/)
  expect(byEvent).toMatch(/^ +[01]\.\d\d +\d+\.\d% +#* +Lock:transactionid$/m)
  expect(await seen('--by', 'user')).toMatch(/ till +Lock:transactionid 100%$/m)
  expect(await seen('--by', 'application')).toMatch(/ desk$/m)
  expect(await seen('--by', 'query')).toMatch(/ postgres +-?\d+ +Lock:transactionid 100%/m)

  const { stdout } = await fleet.operator.agentctl('show', 'ash', '-n', 'pg-main-1')
  expect(stdout).toMatch(/ \d+ s +\d+ +postgres +till +desk +Lock:transactionid +-?\d+ +stock$/m)
}, 120_000)
