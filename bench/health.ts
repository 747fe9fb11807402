/**
 * How fast an agent answers load balancers: `npm run bench:health [-- seconds]`. A real agent that measures a real PostgreSQL
 * every 5 s and its host is asked 1,000 times a second for /primary, over kept connections and with a new one each time as HAProxy
 * does, while PostgreSQL is well and while it hangs (SIGSTOP). Before each, a server that does nothing is asked in the same way: what
 * Node, this machine and whatever else runs on it take by themselves. Also: how long after the hang the answer changes, and what
 * the agent costs meanwhile. Figures are of this machine and this run; agent and asker share its processors.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { startAgent } from '../testbed/pgherd.ts'
import { freePort } from '../testbed/ports.ts'
import { startPostgres } from '../testbed/postgres.ts'
import { runCommand } from '../testbed/run-command.ts'
import { startChild } from '../testbed/process.ts'
import { waitFor } from '../testbed/wait.ts'
import { askByAb } from './health/ask-by-ab.ts'
import { cpuSeconds } from './collector/process-figures.ts'

const seconds = Number(process.argv[2] ?? 20)
const perSecond = 1_000
/** Of the asker, before what it counts. */
const warmUpSeconds = 1
const asker = fileURLToPath(new URL('health/ask-at-rate.ts', import.meta.url))
const floorServer = fileURLToPath(new URL('health/floor-server.ts', import.meta.url))
/** Of a run of 20 s, so that the asker collects none of it while it measures. */
const roomForGarbage = ['--min-semi-space-size=256', '--max-semi-space-size=256']
const asked = z.object({
  sent: z.number(),
  answered: z.number(),
  statuses: z.record(z.string(), z.number()),
  p50: z.number(),
  p99: z.number(),
  p999: z.number(),
})
const directory = mkdtempSync(join(tmpdir(), 'pgherd-bench-health-'))
try {
  await bench()
} finally {
  rmSync(directory, { recursive: true, force: true })
}

async function bench(): Promise<void> {
  await using postgres = await startPostgres()
  const port = await freePort()
  await using agent = await startAgent({
    directory,
    cluster: 'pg-bench',
    seq: 1,
    postgresUrl: postgres.url('postgres'),
    // Nobody listens there: the spool takes it all.
    collectorUrl: `http://127.0.0.1:${await freePort()}`,
    interval: '5s',
    extraConfig: { 'health.listen': `127.0.0.1:${port}`, 'scrape.timeout': '4s' },
  })
  const status = async (): Promise<number> => (await fetch(`http://127.0.0.1:${port}/primary`)).status
  const until = (what: string, wanted: number) =>
    waitFor(what, async () => (await status().catch(() => 0)) === wanted, {
      timeoutMs: 20_000,
      intervalMs: 20,
    })
  await until('the agent answers with 200', 200)

  const floorPort = await freePort()
  await using floor = await startChild({
    name: 'the floor',
    command: process.execPath,
    args: [floorServer, String(floorPort)],
    logFile: join(directory, 'floor.log'),
  })
  await waitFor('the floor answers', () =>
    fetch(`http://127.0.0.1:${floorPort}/`).then(
      ({ ok }) => ok,
      () => false,
    ),
  )

  const ask = async (what: string, of: { port: number; pid: number }, connections: string): Promise<void> => {
    const cpuBefore = cpuSeconds(of.pid)
    const { stdout } = await runCommand(process.execPath, [
      ...roomForGarbage,
      asker,
      String(of.port),
      '/primary',
      String(perSecond),
      String(seconds),
      connections,
    ])
    const figures = asked.parse(JSON.parse(stdout))
    const share = (100 * (cpuSeconds(of.pid) - cpuBefore)) / (seconds + warmUpSeconds)
    console.log(
      `${what.padEnd(42)} ${figures.answered} of ${figures.sent} answered ${JSON.stringify(figures.statuses)}, ` +
        `p50 ${figures.p50.toFixed(2)} ms, p99 ${figures.p99.toFixed(2)} ms, p99.9 ${figures.p999.toFixed(2)} ms, ` +
        `${share.toFixed(0)} % of a core`,
    )
  }
  const row = async (what: string, connections: 'keep' | 'new'): Promise<void> => {
    await ask('  a server that does nothing', { port: floorPort, pid: floor.pid }, connections)
    await ask(what, { port, pid: agent.pid }, connections)
    const byAb = await askByAb(`http://127.0.0.1:${port}/primary`, connections)
    if (byAb !== undefined) {
      const { perSecond, p50, p99 } = byAb
      console.log(
        `${'  the same by ab, as fast as it can'.padEnd(42)} ${perSecond.toFixed(0)} a second, p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms`,
      )
    }
  }
  await row('PostgreSQL is well, kept connections', 'keep')
  await row('PostgreSQL is well, a new one each', 'new')
  await postgres.pause()
  const hungMs = performance.now()
  await until('the hang is seen', 503)
  console.log(
    `${'the answer turns to 503 after'.padEnd(42)} ${((performance.now() - hungMs) / 1000).toFixed(2)} s of hang`,
  )
  await row('PostgreSQL hangs, kept connections', 'keep')
  await row('PostgreSQL hangs, a new one each', 'new')
  postgres.resume()
  const resumedMs = performance.now()
  await until('the server is back', 200)
  console.log(
    `${'and to 200 again after'.padEnd(42)} ${((performance.now() - resumedMs) / 1000).toFixed(2)} s`,
  )
}
