/**
 * Memory that is short and page tables that are large, on this machine: nothing is made up but the hour since the start of the server. What the
 * kernel says is read by what an advice reads it with. All rules look, and only what is meant may speak.
 */
import { freemem, totalmem } from 'node:os'
import { expect, test } from 'vitest'
import { detectServer } from '../../../agent/tuning/detect/detect-server.ts'
import type { Evidence } from '../../../agent/tuning/evidence/evidence.ts'
import { constants } from '../../../agent/tuning/rules/memory/constants.ts'
import { systemClock } from '../../../common/clock.ts'
import { makeMemoryCgroup } from '../../../testbed/memory-cgroup.ts'
import { waitFor } from '../../../testbed/wait.ts'
import { startObserved } from '../../agent/tuning/observed-server.ts'
import type { ObservedTestServer, TestAdvice } from '../../agent/tuning/observed-server.ts'
import { withSessions } from './app-sessions.ts'

const MB = 1024 ** 2
const GB = 1024 ** 3
const ample = {
  random_page_cost: '1.1',
  max_wal_size: '4GB',
  log_lock_waits: 'on',
  temp_file_limit: '4GB',
  max_parallel_workers_per_gather: '0',
  autovacuum: 'off',
}

const detected = ({ session }: ObservedTestServer, evidence?: Evidence) =>
  detectServer(session, {
    clock: systemClock,
    signal: new AbortController().signal,
    withoutInventory: true,
    evidence,
  })

/** What all rules say, with the machine and its kernel as they are found. */
async function adviceHere(observed: ObservedTestServer, evidence: Evidence): Promise<TestAdvice> {
  const { host, machine, server } = await detected(observed, evidence)
  if (machine === null) throw new Error('the machine is not found')
  return observed.adviceOf(evidence, { host, situation: await observed.situation({ machine, server }) })
}

test('M3: a server that its control group holds at the limit is to take less', async ({ skip }) => {
  const group = makeMemoryCgroup(`pgherd-short-${process.pid}`, GB)
  if (group === undefined) return skip('this machine lets nobody make a control group')
  using groups = new DisposableStack()
  groups.use(group)
  await using observed = await startObserved({
    settings: { ...ample, shared_buffers: '32MB', work_mem: '64MB' },
  })
  const { server } = observed
  group.hold(server)
  await server.query(
    `create table orders as select i, repeat(md5(i::text), 20) as filler from generate_series(1, 400000) as i`,
  )
  await server.query('create role app login in role pg_read_all_data')
  await server.query('vacuum analyze orders')
  await server.query('checkpoint')
  const quiet = await observed.watch(() => server.query('select 1'), { seesHost: true })
  expect((await adviceHere(observed, quiet)).ids).toEqual([])

  // Each keeps a hash of some 40MB, and the table, which all of them read, does not fit beside them.
  group.limit(220 * MB)
  const report =
    'select count(*) from (select i, min(left(filler, 40)) from orders where i % 2 = 0 group by i offset 0) as groups'
  const evidence = await observed.watch(
    () =>
      withSessions(server, 4, async (clients) => {
        let isShort = false
        const reports = clients.map(async (client) => {
          while (!isShort) await client.query(report)
        })
        const told = waitFor(
          'the kernel to tell of it',
          async () => {
            const { memoryPressurePercent, memoryLimitEvents } = (await detected(observed)).host
            return (
              (memoryLimitEvents ?? 0) > 0 && (memoryPressurePercent ?? 0) > constants.pressureAtLimitPercent
            )
          },
          { timeoutMs: 120_000 },
        ).finally(() => {
          isShort = true
        })
        await Promise.all([told, ...reports])
      }),
    { seesHost: true },
  )
  const { ids, findings } = await adviceHere(observed, evidence)
  expect(ids).toEqual(['M3'])
  expect(findings.get('M3')).toMatchObject({
    drafts: [{ parameter: 'work_mem', proposed: '32MB' }],
    notes: [expect.stringMatching(/the limit of its cgroup has held the server \d+ times/)],
  })
})

/** Each session has 4kB of them for each 2MB that it has looked into. */
const pageTablesOfSession = (4 * GB) / 512
const wanted = Math.min(constants.pageTableBytes, constants.pageTableShare * totalmem())
const sessions = Math.ceil((wanted / pageTablesOfSession) * 1.15)

test.skipIf(freemem() < 8 * GB)(
  'M4: sessions that have looked all over 4GB of shared_buffers have page tables that ask for huge pages',
  async () => {
    await using observed = await startObserved({
      settings: { ...ample, shared_buffers: '4GB', huge_pages: 'off', max_connections: String(sessions * 2) },
    })
    const { server } = observed
    await server.query('create role app login in role pg_read_all_data')
    // A row for each page.
    const pages = Math.floor((3.9 * GB) / 8192)
    await server.query('create unlogged table pages (i int, filler text) with (fillfactor = 10)')
    await server.query(`insert into pages select i, repeat('x', 700) from generate_series(1, ${pages}) as i`)
    await server.query('vacuum analyze pages')
    const lookAllOver = `select count(*) from pages
      where ctid = any (array(select format('(%s,1)', i)::tid from generate_series(0, ${pages - 1}, 32) as i))`
    await withSessions(server, sessions, async (clients) => {
      const evidence = await observed.watch(
        async () => {
          for (const client of clients) await client.query(lookAllOver)
        },
        { seesHost: true },
      )
      const { ids, findings } = await adviceHere(observed, evidence)
      expect(ids).toEqual(['M4'])
      const [needed] = await server.query('show shared_memory_size_in_huge_pages')
      expect(findings.get('M4')).toMatchObject({
        drafts: [{ parameter: 'huge_pages', proposed: 'try' }],
        notes: [
          expect.stringContaining(`has to set aside ${String(Object.values(needed ?? {})[0])} of them`),
        ],
      })
    })
  },
)
