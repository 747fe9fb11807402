import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { indexesAnswer } from '../../common/insight/index-view.ts'
import type { IndexFinding } from '../../common/insight/index-view.ts'
import { startAgent, startCollector } from '../../testbed/pgherd.ts'
import type { CollectorProcess } from '../../testbed/pgherd.ts'
import { startPostgres, startStandby } from '../../testbed/postgres.ts'
import type { PostgresServer } from '../../testbed/postgres.ts'
import { waitFor } from '../../testbed/wait.ts'
import { queryCollector } from '../../testbed/collector-api.ts'
import { runAgentctl } from '../agentctl/run-agentctl.ts'

/** Four seconds in place of 35 days, and a look each second in place of each hour. */
const days = 0.00005
const patient = { timeoutMs: 30_000 }

/** Whether an index can go is asked of every member of a cluster, with real servers, agents and a collector. */
describe('a primary and its standby', () => {
  const owned = new AsyncDisposableStack()
  let directory: string
  let primary: PostgresServer
  let standby: PostgresServer
  let collector: CollectorProcess

  const addAgent = async (server: PostgresServer, seq: number): Promise<void> => {
    owned.use(
      await startAgent({
        directory: join(directory, `agent-${seq}`),
        cluster: 'pg-index',
        seq,
        postgresUrl: server.url('postgres', 'pgherd'),
        collectorUrl: collector.url,
        interval: '1s',
        extraConfig: { 'scrape.timeout': '800ms', 'insight.index_interval': '1s' },
      }),
    )
  }
  const findings = async (): Promise<readonly IndexFinding[]> => {
    const response = await fetch(
      `${collector.url}/api/v1/indexes?cluster=pg-index&finding=unused&days=${days}`,
    )
    return indexesAnswer.parse(await response.json()).data.findings
  }
  const verdictOf = async (index: string): Promise<IndexFinding | undefined> =>
    (await findings()).find((one) => one.index === index)
  const becomes = async (index: string, verdict: string): Promise<void> => {
    await waitFor(
      `${index} to be ${verdict}`,
      async () => {
        // A report that the standby answers all the time.
        await standby.query('select * from item where code = 7')
        return (await verdictOf(index))?.verdict === verdict
      },
      patient,
    )
  }

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'pgherd-evidence-'))
    owned.defer(() => rmSync(directory, { recursive: true, force: true }))
    primary = owned.use(await startPostgres())
    await primary.query(`
      create role pgherd login in role pg_monitor;
      create table item (id int primary key, code int, name text, note text);
      insert into item select i, i, i, i from generate_series(1, 50000) i;
      create index item_code on item (code);
      create index item_name on item (name);
      create index item_name_again on item (name);
      analyze`)
    standby = owned.use(await startStandby(primary, { name: 'second' }))
    collector = owned.use(await startCollector({ directory: join(directory, 'collector') }))
    await addAgent(primary, 1)
  }, 60_000)
  afterAll(() => owned.disposeAsync(), 30_000)

  test('while a standby follows that no agent looks at, nothing can go', async () => {
    await becomes('item_code', 'needs-evidence')
    const found = await verdictOf('item_code')
    expect(found?.reasons.at(-1)).toContain('(1 follow, 0 are known): second@127.0.0.1')
    expect(found?.next).toBeNull()
  }, 60_000)

  test('an index that only the standby uses is kept, one that nobody uses can go, and the primary key never', async () => {
    await addAgent(standby, 2)
    await becomes('item_name', 'droppable')
    await becomes('item_code', 'keep')
    const used = await verdictOf('item_code')
    expect(used).toMatchObject({
      savesBytes: 0,
      next: null,
      members: [
        { server: 'pg-index-1', role: 'primary', state: 'unused', scans: 0 },
        { server: 'pg-index-2', role: 'standby', state: 'used' },
      ],
    })
    expect(used?.reasons).toEqual([expect.stringMatching(/^used on pg-index-2 /)])
    expect(await verdictOf('item_name')).toMatchObject({
      server: 'pg-index-1',
      definition: 'CREATE INDEX item_name ON public.item USING btree (name)',
      members: [{ state: 'unused' }, { state: 'unused' }],
    })
    expect(await verdictOf('item_pkey')).toMatchObject({
      verdict: 'keep',
      reasons: ['constraint item_pkey stands on it'],
    })
  }, 60_000)

  test('the operator sees what can go and why the others stay', async () => {
    const { out } = await runAgentctl(['index', 'list', 'pg-index', '--days', String(days)], {
      url: collector.url,
    })
    expect(out).toMatch(/^pg-index +postgres +public\.item_name_again +duplicate +droppable/m)
    expect(out).not.toMatch(/item_code|item_pkey/)
    const shown = await runAgentctl(['index', 'show', 'item_code', '--days', String(days)], {
      url: collector.url,
    })
    expect(shown.out).toMatch(/^pg-index-2 +standby +used/m)
    expect(shown.out).toMatch(/^verdict +keep: used on pg-index-2/m)
  })

  test('boards have how many there are, from the primary', async () => {
    const expression = 'pgherd_index_findings{cls="pg-index",finding="duplicate"}'
    await waitFor(
      expression,
      async () => (await queryCollector(collector.url, expression)).length > 0,
      patient,
    )
    expect(await queryCollector(collector.url, expression)).toMatchObject([
      { metric: { ins: 'pg-index-1', datname: 'postgres' }, points: [{ value: 1 }] },
    ])
  })
})
