import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { detectServer } from '../../../agent/tuning/detect/detect-server.ts'
import type { Detected } from '../../../agent/tuning/detect/detected.ts'
import type { Evidence } from '../../../agent/tuning/evidence/evidence.ts'
import { systemClock } from '../../../common/clock.ts'
import { createOwnDirectory } from '../../../testbed/own-directory.ts'
import type { PostgresServer } from '../../../testbed/postgres.ts'
import { runCommand } from '../../../testbed/run-command.ts'
import { canSlowCalls, slowCalls } from '../../../testbed/slow-calls.ts'
import { startObserved } from '../../agent/tuning/observed-server.ts'
import type { ObservedTestServer } from '../../agent/tuning/observed-server.ts'

/**
 * Loads of pgbench on a real server, taken for a day of it: nothing but the time is made up. No disk is slow here: reads are answered by the
 * kernel's cache, which is then told, and a slow disk is one whose reads are held up on their way.
 */
const asHours = 24

async function pgbench(server: PostgresServer, ...args: readonly string[]): Promise<void> {
  const address = ['-h', server.socketDirectory, '-p', String(server.port), '-U', 'postgres', 'postgres']
  const { status, startError, stderr } = await runCommand('pgbench', ['-n', ...args, ...address])
  if (status !== 0) throw new Error(`pgbench: ${startError ?? stderr.trim()}`)
}

async function detected({ session }: ObservedTestServer, evidence: Evidence): Promise<Detected> {
  return detectServer(session, { clock: systemClock, signal: new AbortController().signal, evidence })
}

function profileOf({ detection }: Detected): string | undefined {
  return detection.sections.flatMap(({ facts }) => facts).find(({ name }) => name === 'profile')?.value
}

test('short transactions are oltp, and how many sessions are active at once is known', async () => {
  await using observed = await startObserved({ major: 18, settings: { shared_buffers: '16MB' } })
  const { server } = observed
  await pgbench(server, '-i', '-s', '5', '-q')
  const evidence = await observed.watch(
    () =>
      pgbench(server, '-c', '4', '-t', '4000', '-M', 'prepared', '-b', 'tpcb-like@1', '-b', 'select-only@3'),
    { asHours, until: (seen) => (seen.increase('database.xact_commit') ?? 0) > 15_000 },
  )
  const found = await detected(observed, evidence)
  expect(profileOf(found)).toMatch(/^oltp: short transactions, .* per second.*\(24 h of history\)$/)
  expect(found.server.activeSessions).toBeGreaterThanOrEqual(1)
  expect(found.server.activeSessions).toBeLessThanOrEqual(4)
  expect(found.server.peakConnections).toBeGreaterThanOrEqual(4)
  const disk = found.detection.sections.find(({ title }) => title === 'Storage')?.facts[0]
  expect(disk?.value).toMatch(/\d reads took 0\.\d+ ms in the mean/)
})

test('a few large queries are olap', async () => {
  using home = createOwnDirectory({ prefix: 'pgherd-detect-' })
  const script = join(home.path, 'report.sql')
  writeFileSync(
    script,
    'select sum(one.abalance), count(distinct other.bid) from pgbench_accounts one join pgbench_accounts other using (aid);\n',
  )
  await using observed = await startObserved({ major: 16, settings: { shared_buffers: '16MB' } })
  const { server } = observed
  await pgbench(server, '-i', '-s', '5', '-q')
  const evidence = await observed.watch(() => pgbench(server, '-c', '20', '-T', '17', '-f', script), {
    asHours,
  })
  const found = await detected(observed, evidence)
  expect(profileOf(found)).toMatch(/^olap: large queries: \d+ % of the time is spent in statements/)
  expect(found.server.activeSessions).toBeGreaterThan(10)
})

test.skipIf(!canSlowCalls)('a disk is what its reads take, whatever it says of itself', async () => {
  await using observed = await startObserved({ major: 17, settings: { shared_buffers: '16MB' } })
  const { server } = observed
  await pgbench(server, '-i', '-s', '5', '-q')
  const read = (...args: readonly string[]): Promise<void> => pgbench(server, '-S', '-c', '8', ...args)
  const evidence = await observed.watch(
    async () => {
      await using slow = new AsyncDisposableStack()
      slow.use(await slowCalls(server, ['pread64'], 2.5))
      await read('-t', '1700')
    },
    { asHours, until: (seen) => (seen.increase('io.reads') ?? 0) > 10_000 },
  )
  const { machine, detection } = await detected(observed, evidence)
  expect(machine?.diskClass).toBe('san')
  const [disk] = detection.sections.find(({ title }) => title === 'Storage')?.facts ?? []
  expect(disk?.value).toMatch(/^behind a network: [\d,]+ reads took [234]\.\d ms in the mean$/)
  expect(disk?.from).toBe("pg_stat_io.read_time / reads, context 'normal'")
})
