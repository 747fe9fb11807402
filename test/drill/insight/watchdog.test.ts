import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { watchdogAnswer } from '../../../common/insight/watchdog-view.ts'
import type { KeptReport } from '../../../common/insight/watchdog-view.ts'
import { eventsAnswer } from '../../../common/wire/events.ts'
import { queryCollector } from '../../../testbed/collector-api.ts'
import { startFleet } from '../../../testbed/fleet.ts'
import type { Fleet } from '../../../testbed/fleet.ts'
import type { PgherdProcess } from '../../../testbed/pgherd.ts'
import { startPostgres } from '../../../testbed/postgres.ts'
import type { PostgresServer } from '../../../testbed/postgres.ts'
import { waitFor } from '../../../testbed/wait.ts'

const patient = { timeoutMs: 40_000 }
const owned = new AsyncDisposableStack()
let directory: string
let policyFile: string
let postgres: PostgresServer
let fleet: Fleet
let agent: PgherdProcess

const policy = (isDry: boolean): string => `
dry_run: ${isDry}
per_minute: 100
rules: [{ name: idle, case: idle-in-transaction, after: 1s, harm: none, action: terminate, grace: 0s, per_minute: 100, only: { roles: [app] } }]`

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'pgherd-watchdog-'))
  owned.defer(() => rmSync(directory, { recursive: true, force: true }))
  postgres = owned.use(await startPostgres())
  await postgres.query(`
    create role pgherd login in role pg_monitor;
    create role pgherd_action login in role pg_monitor, pg_signal_backend;
    create role app login`)
  fleet = owned.use(await startFleet({ directory, operatorName: 'alice' }))
  mkdirSync(join(directory, 'agent'))
  policyFile = join(directory, 'agent', 'watchdog.yaml')
  writeFileSync(policyFile, policy(true), { mode: 0o600 })
  agent = owned.use(
    await fleet.addAgent({
      directory: join(directory, 'agent'),
      cluster: 'pg-main',
      seq: 1,
      postgresUrl: postgres.url('postgres', 'pgherd'),
      interval: '1s',
      extraConfig: {
        'scrape.timeout': '800ms',
        'watchdog.policy_file': policyFile,
        'actions.postgres_url': postgres.url('postgres', 'pgherd_action'),
      },
    }),
  )
}, 60_000)
afterAll(() => owned.disposeAsync(), 30_000)

/** A session that begins a transaction and forgets it, and whether the server has ended it. */
async function forgetful(): Promise<{ readonly pid: number; readonly isEnded: () => boolean }> {
  const client = new pg.Client(postgres.url('postgres', 'app'))
  let isEnded = false
  client.on('error', () => (isEnded = true))
  await client.connect()
  onTestFinished(() => client.end().catch(() => undefined))
  const { rows } = await client
    .query<{ pid: number }>('begin; select pg_backend_pid() as pid')
    .then((results) => (results as unknown as pg.QueryResult<{ pid: number }>[])[1]!)
  return { pid: rows[0]!.pid, isEnded: () => isEnded }
}

async function reports(): Promise<readonly KeptReport[]> {
  const response = await fetch(`${fleet.collector.url}/api/v1/watchdog?server=pg-main-1`)
  return watchdogAnswer.parse(await response.json()).data
}

const reportOf = (pid: number, deed: string): Promise<KeptReport> =>
  waitFor(
    `${deed} of ${pid} in the collector`,
    async () =>
      (await reports()).find(({ report }) => report.deed === deed && report.session?.['pid'] === pid),
    { ...patient, explain: () => agent.logTail(10) },
  )

test('a trial tells what it would do, and ends nobody', async () => {
  const { pid, isEnded } = await forgetful()
  await reportOf(pid, 'reported')
  await reportOf(pid, 'would-terminate')
  expect(isEnded()).toBe(false)
  const status = await fleet.operator.agentctl('watchdog', 'status', 'pg-main-1')
  expect(status.stdout).toMatch(
    /^pg-main-1: 1 stuck session, .* the policy is tried, and nobody is signalled\./,
  )
  expect(status.stdout).toContain('without a cancel before')
})

test('a policy in force ends it while the collector is away, which hears of it once', async () => {
  writeFileSync(policyFile, policy(false), { mode: 0o600 })
  process.kill(agent.pid, 'SIGHUP')
  await fleet.collector.kill()
  const { pid, isEnded } = await forgetful()
  await waitFor('the session to be ended', isEnded, { ...patient, explain: () => agent.logTail(10) })
  await fleet.collector.start()
  const { seq, report } = await reportOf(pid, 'terminated')
  expect(report).toMatchObject({ after: { session: null }, session: { usename: 'app' } })
  const all = (await reports()).filter((one) => one.report.session?.['pid'] === pid)
  expect(all.map((one) => one.report.deed)).toEqual(['terminated', 'reported'])

  const response = await fetch(`${fleet.collector.url}/api/v1/events?type=session-killed`)
  const events = eventsAnswer.parse(await response.json()).data
  expect(events.map(({ node, text }) => [node, text])).toEqual([['pg-main-1', report.text]])

  const shown = await fleet.operator.agentctl('watchdog', 'show', String(seq))
  expect(shown.stdout).toMatch(/Session afterwards\n *state +gone/)
  const audit = await waitFor(
    'the audit of the host in the collector',
    async () => {
      const { stdout } = await fleet.operator.agentctl('audit', '-n', 'pg-main-1')
      return stdout.split('session-signalled').length === 3 && stdout
    },
    patient,
  )
  expect(audit).toContain(`"pid":${pid}`)
  expect((await fleet.operator.agentctl('audit', 'verify')).status).toBe(0)
  await waitFor(
    'the figures',
    async () =>
      (await queryCollector(fleet.collector.url, 'pgherd_watchdog_acted_total{action="terminate"}'))[0]
        ?.points[0]?.value === 1,
    patient,
  )
})

test('a policy with a mistake is refused, told by its figure, and the one before it stays', async () => {
  writeFileSync(policyFile, 'rules: [{ name: a }]', { mode: 0o600 })
  process.kill(agent.pid, 'SIGHUP')
  await waitFor(
    'the figure',
    async () =>
      (await queryCollector(fleet.collector.url, 'pgherd_watchdog_policy_ok'))[0]?.points[0]?.value === 0,
    patient,
  )
  expect(agent.logTail(50)).toContain('rules[0].case: missing; allowed: client-read')
  const { isEnded } = await forgetful()
  await waitFor('the session to be ended', isEnded, patient)
})
