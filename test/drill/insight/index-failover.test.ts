import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startFleet } from '../../../testbed/fleet.ts'
import { startPostgres, startStandby } from '../../../testbed/postgres.ts'
import { waitFor } from '../../../testbed/wait.ts'

const name = 'public.orders_note_idx'

test('an index that a lost primary has dropped is built anew on the new one, from what the collector keeps', async () => {
  await using owned = new AsyncDisposableStack()
  const directory = mkdtempSync(join(tmpdir(), 'pgherd-index-'))
  owned.defer(() => rmSync(directory, { recursive: true, force: true }))
  const primary = owned.use(await startPostgres())
  await primary.query(`
    create role pgherd login in role pg_monitor;
    create role pgherd_action superuser login;
    create table orders (id int primary key, note text);
    insert into orders select i, 'note ' || i from generate_series(1, 5000) i;
    create index orders_note_idx on orders (lower(note)) with (fillfactor = 71);
    comment on index orders_note_idx is 'for the old search';
    alter index orders_note_idx alter column 1 set statistics 321`)
  const standby = owned.use(await startStandby(primary))
  const fleet = owned.use(await startFleet({ directory, operatorName: 'alice' }))
  const agentOf = (server: typeof primary, seq: number) => {
    mkdirSync(join(directory, `agent-${seq}`))
    writeFileSync(
      join(directory, `agent-${seq}`, 'policy.yaml'),
      'rules:\n  - kinds: [read, change, destructive]\n',
    )
    return fleet.addAgent({
      directory: join(directory, `agent-${seq}`),
      ...{ cluster: 'pg-main', seq, postgresUrl: server.url('postgres', 'pgherd') },
      extraConfig: { 'actions.postgres_url': server.url('postgres', 'pgherd_action') },
    })
  }
  const first = owned.use(await agentOf(primary, 1))
  const second = owned.use(await agentOf(standby, 2))
  const index = (...args: readonly string[]) => fleet.operator.agentctl('index', ...args)
  const primaryIs = (node: string) =>
    waitFor(
      `${node} to be the primary that is known`,
      async () => (await index('saved', 'pg-main')).stdout.includes(`${node}: `),
      { timeoutMs: 60_000, explain: () => second.logTail(8) },
    )
  await primaryIs('pg-main-1')
  const definition = `
    select pg_get_indexdef(indexrelid) as definition, indisvalid as valid, obj_description(indexrelid) as comment,
           (select attstattarget from pg_attribute where attrelid = indexrelid and attnum = 1) as target
      from pg_index where indexrelid = to_regclass('${name}')`
  const before = await primary.query(definition)
  const drop = await index('drop', 'pg-main', name, '--yes')
  expect(`${drop.stdout}${drop.stderr}`).toContain(`Dropped ${name}`)
  await waitFor('the collector to keep it', async () =>
    /orders_note_idx +postgres +dropped/.test((await index('saved', 'pg-main', '--kept')).stdout),
  )
  // The host is lost with its ledger.
  await first.kill()
  rmSync(join(directory, 'agent-1', 'actions'), { recursive: true, force: true })
  await primary.kill()
  await standby.query('select pg_promote()')
  await primaryIs('pg-main-2')

  const dry = await index('restore', 'pg-main', name, '--dry-run')
  expect(dry.stderr).toContain(
    'dropped on pg-main-1, and kept by the collector: CREATE INDEX orders_note_idx ON',
  )
  const restored = await index('restore', 'pg-main', name, '--yes')
  expect(restored.stdout).toContain('valid and as it was')
  expect(restored.status).toBe(0)
  expect(await standby.query(definition)).toEqual(before)
  await waitFor('the collector to know that it is back', async () =>
    /pg-main-2 +public\.orders_note_idx +postgres +restored/.test(
      (await index('saved', 'pg-main', '--kept')).stdout,
    ),
  )
}, 180_000)
