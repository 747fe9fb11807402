import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import type { ConnectionSlots } from '../../../../agent/postgres/connection-slots.ts'
import { measuringConnection } from '../../../../agent/postgres/measuring-connection.ts'
import { evidenceOf } from '../../../../agent/tuning/evidence/evidence-of.ts'
import { createHistory } from '../../../../agent/tuning/history/history.ts'
import type { History } from '../../../../agent/tuning/history/history.ts'
import { views } from '../../../../agent/tuning/observe/views.ts'
import { bucketMs, createServerWatch } from '../../../../agent/tuning/observe/watch-server.ts'
import type { View } from '../../../../agent/tuning/observe/view.ts'
import type { ServerWatch } from '../../../../agent/tuning/observe/watch-server.ts'
import { createKernelFiles } from '../../../../common/kernel/kernel-files.ts'
import { systemClock } from '../../../../common/clock.ts'
import { silentLog } from '../../../../common/log.ts'
import { findPostgres, startPostgres } from '../../../../testbed/postgres.ts'
import type { PostgresServer } from '../../../../testbed/postgres.ts'
import { createHeardLog } from '../../neighbours/probing.ts'
import { createMonitor, measureServer, sessionsOf } from '../../scrape/measured-server.ts'
import type { MeasuredServer } from '../../scrape/measured-server.ts'

const oldest = 14
const known = [oldest, 18] as const
const installed = await Promise.all(
  known.map(async (major) => ({ major, isInstalled: (await findPostgres(major)) !== undefined })),
)

interface Watching {
  readonly watch: ServerWatch
  readonly history: History
  readonly agent: MeasuredServer
  readonly log: ReturnType<typeof createHeardLog>
  /** The wall clock moves on, so that a bucket is over. */
  readonly nextBucket: () => void
}

/** As the agent composes it, with looks when the test says so. */
async function watching(server: PostgresServer, seenThrough = views): Promise<Watching> {
  const slots: ConnectionSlots = new Set()
  const directory = await mkdtemp(join(tmpdir(), 'watch-'))
  const agent = await measureServer(server, undefined, { slots })
  const files = createKernelFiles('/', () => systemClock.monotonic())
  const log = createHeardLog()
  let aheadMs = 0
  const clock = { ...systemClock, now: () => systemClock.now() + aheadMs }
  const history = createHistory({ directory, keepDays: 31, clock, log: silentLog })
  const lend = () => measuringConnection(slots, 'postgres')
  const watch = createServerWatch({ lend, views: seenThrough, history, files, clock, log })
  onTestFinished(async () => {
    await agent[Symbol.asyncDispose]()
    files[Symbol.dispose]()
    await rm(directory, { recursive: true })
  })
  return { watch, history, agent, log, nextBucket: () => (aheadMs += bucketMs) }
}

describe.each(installed)('PostgreSQL $major', ({ major, isInstalled }) => {
  describe.skipIf(!isInstalled)('installed', () => {
    let server: PostgresServer
    beforeAll(async () => {
      server = await startPostgres({ major })
      await createMonitor(server)
      await server.query('create extension pg_stat_statements')
    })
    afterAll(() => server[Symbol.asyncDispose]())

    test('buckets tell what the server did, and no session is there for it', async () => {
      const { watch, history, agent, nextBucket, log } = await watching(server)
      const sessions = new Set<number>()
      await agent.scrape()
      await watch.look()
      for (const pid of await sessionsOf(server)) sessions.add(pid)
      await server.query('create table if not exists made as select from generate_series(1, 1000)')
      nextBucket()
      // At once with a scrape, which is asked for over the same connection.
      const scraping = agent.scrape()
      await watch.look()
      await scraping
      await expect
        .poll(async () => {
          nextBucket()
          await watch.look()
          const buckets = await history.read(watch.system() ?? null, 0)
          const evidence = evidenceOf(buckets)
          // Each is reported when it suits the server.
          return Math.min(
            evidence?.increase('statements.calls') ?? 0,
            evidence?.increase('database.xact_commit') ?? 0,
          )
        })
        .toBeGreaterThan(0)
      for (const pid of await sessionsOf(server)) sessions.add(pid)
      expect(sessions.size).toBe(1)
      expect(watch.system()).toMatch(/^\d+$/)
      expect(watch.failures()).toBe(0)
      expect(log.heard).toEqual([])
      const evidence = evidenceOf(await history.read(watch.system() ?? null, 0))!
      expect(evidence.mean('activity.client_backends')).toBeGreaterThan(0)
      expect(evidence.last('host.memory_available_share')).toBeGreaterThan(0)
    })

    test('without a connection that measures the server is not asked', async () => {
      const { watch } = await watching(server)
      await watch.look()
      expect(watch.samples()).toBe(0)
      expect(await sessionsOf(server)).toEqual([])
    })
  })
})

describe('a server in trouble', () => {
  let server: PostgresServer
  beforeAll(async () => {
    server = await startPostgres()
    await createMonitor(server)
  })
  afterAll(() => server[Symbol.asyncDispose]())
  beforeEach(() => () => {
    server.resume()
  })

  test('one that hangs costs a look a few seconds, and is looked at again when it goes on', async () => {
    const { watch, agent } = await watching(server)
    await agent.scrape()
    await watch.look()
    await server.pause()
    const beganMs = performance.now()
    await watch.look()
    expect(performance.now() - beganMs).toBeLessThan(5_000)
    expect(watch.failures()).toBe(1)
    server.resume()
    await expect
      .poll(
        async () => {
          await agent.scrape()
          await watch.look()
          return watch.samples()
        },
        { timeout: 15_000 },
      )
      .toBe(2)
  })

  test('one that is started anew is looked at over the connection that measures it then', async () => {
    const { watch, agent, history, nextBucket } = await watching(server)
    await agent.scrape()
    await watch.look()
    await server.stop()
    await watch.look()
    await server.start()
    await expect
      .poll(
        async () => {
          nextBucket()
          await agent.scrape()
          await watch.look()
          return (await history.read(watch.system() ?? null, 0)).length
        },
        { timeout: 15_000 },
      )
      .toBeGreaterThan(1)
    const starts = (await history.read(watch.system() ?? null, 0)).map(({ serverStartMs }) => serverStartMs)
    expect(new Set(starts).size).toBe(2)
  })

  test('a view that the server refuses is said once, not asked again at once, and costs no other', async () => {
    const { watch, agent, history, log, nextBucket } = await watching(server)
    await server.query('revoke execute on function pg_catalog.pg_ls_archive_statusdir() from pg_monitor')
    onTestFinished(async () => {
      await server.query('grant execute on function pg_catalog.pg_ls_archive_statusdir() to pg_monitor')
    })
    await agent.scrape()
    for (let i = 0; i < 3; i++) {
      await watch.look()
      nextBucket()
    }
    expect(log.heard.filter((line) => line.includes('goes without'))).toEqual([
      expect.stringContaining('archive_status'),
    ])
    const buckets = await history.read(watch.system() ?? null, 0)
    expect(buckets.at(-1)?.counters.has('database.xact_commit')).toBe(true)
  })

  test('a view that a server could not show for want of memory is asked again at the next look', async () => {
    await server.query(`
      create table scarce (is_so bool);
      grant select on scarce to public;
      insert into scarce values (true);
      create function short_of_memory() returns bigint language plpgsql as $$
      begin
        if (select is_so from public.scarce) then raise exception 'out of shared memory' using errcode = '53200'; end if;
        return 1;
      end $$`)
    const view: View = {
      ...{ name: 'scarce', pace: 'sample', counters: [], gauges: ['seen'] },
      statement: () => 'select public.short_of_memory() as seen',
    }
    const { watch, agent, history, log, nextBucket } = await watching(server, [view])
    await agent.scrape()
    await watch.look()
    await server.query('update scarce set is_so = false')
    nextBucket()
    await watch.look()
    nextBucket()
    await watch.look()
    expect(log.heard.filter((line) => line.includes('goes without'))).toEqual([])
    const buckets = await history.read(watch.system() ?? null, 0)
    expect(buckets.at(-1)?.gauges.get('scarce.seen')?.last).toBe(1)
  })
})
