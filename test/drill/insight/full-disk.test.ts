import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { watchdogAnswer } from '../../../common/insight/watchdog-view.ts'
import { startFleet } from '../../../testbed/fleet.ts'
import { startPostgres } from '../../../testbed/postgres.ts'
import { waitFor } from '../../../testbed/wait.ts'
import { canMount, mountSmallDisk } from '../control/small-disk.ts'

const patient = { timeoutMs: 40_000 }
const name = 'public.orders_note_idx'

test.skipIf(!canMount)(
  'on a full disk of journal, audit and ledger no index is dropped and no session ended: nothing is done that cannot be written down',
  async () => {
    await using owned = new AsyncDisposableStack()
    const directory = mkdtempSync(join(tmpdir(), 'pgherd-full-'))
    owned.defer(() => rmSync(directory, { recursive: true, force: true }))
    const disk = mountSmallDisk('4m')
    const postgres = owned.use(await startPostgres())
    await postgres.query(`
      create role pgherd login in role pg_monitor;
      create role pgherd_action superuser login;
      create role app login;
      create table orders (id int primary key, note text);
      create index orders_note_idx on orders (note)`)
    const fleet = owned.use(await startFleet({ directory, operatorName: 'alice' }))
    const home = join(directory, 'agent')
    mkdirSync(home)
    writeFileSync(join(home, 'policy.yaml'), 'rules:\n  - kinds: [read, change, destructive]\n')
    writeFileSync(
      join(home, 'watchdog.yaml'),
      `dry_run: false
rules: [{ name: idle, case: idle-in-transaction, after: 1s, harm: none, action: terminate, grace: 0s, only: { roles: [app] } }]`,
      { mode: 0o600 },
    )
    const agent = owned.use(
      await fleet.addAgent({
        ...{ directory: home, cluster: 'pg-main', seq: 1, interval: '1s' },
        postgresUrl: postgres.url('postgres', 'pgherd'),
        extraConfig: {
          'scrape.timeout': '800ms',
          'actions.directory': join(disk.path, 'actions'),
          'actions.postgres_url': postgres.url('postgres', 'pgherd_action'),
          'watchdog.policy_file': join(home, 'watchdog.yaml'),
        },
      }),
    )
    const index = (...args: readonly string[]) => fleet.operator.agentctl('index', ...args)
    await waitFor(
      'the plan of a drop',
      async () =>
        (await index('drop', 'pg-main-1', name, '--dry-run')).stdout.includes('drop index concurrently'),
      { ...patient, explain: () => agent.logTail(5) },
    )
    disk.fill()

    const drop = await index('drop', 'pg-main-1', name, '--yes')
    expect(drop.status).not.toBe(0)
    expect(`${drop.stdout}${drop.stderr}`).toMatch(/cannot write down what it does|no space left on device/)
    expect(
      await postgres.query(`select indisvalid from pg_index where indexrelid = '${name}'::regclass`),
    ).toEqual([{ indisvalid: true }])

    const client = new pg.Client(postgres.url('postgres', 'app'))
    let isEnded = false
    client.on('error', () => (isEnded = true))
    await client.connect()
    onTestFinished(() => client.end().catch(() => undefined))
    await client.query('begin')
    const failed = await waitFor(
      'the watchdog to tell that it could not',
      async () => {
        const response = await fetch(`${fleet.collector.url}/api/v1/watchdog?server=pg-main-1`)
        const { data } = watchdogAnswer.parse(await response.json())
        return data.find(({ report }) => report.deed === 'failed')
      },
      { ...patient, explain: () => agent.logTail(8) },
    )
    expect(failed.report.text).toContain('the audit of this host could not be written')
    await client.query('select 1')
    expect(isEnded).toBe(false)

    disk.empty()
    await waitFor(
      'drops to go on',
      async () => (await index('drop', 'pg-main-1', name, '--yes')).status === 0,
      {
        ...patient,
        explain: () => agent.logTail(5),
      },
    )
    expect(await postgres.query(`select from pg_class where relname = 'orders_note_idx'`)).toEqual([])
  },
  180_000,
)
