import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runCli } from '../../agentctl/cli.ts'
import { systemClock } from '../../common/clock.ts'
import { toPgherdError } from '../../common/errors.ts'
import { startFleet } from '../../testbed/fleet.ts'
import type { Fleet } from '../../testbed/fleet.ts'
import { startPostgres, startStandby } from '../../testbed/postgres.ts'
import { waitFor } from '../../testbed/wait.ts'
import { agentctlCallsOf } from '../docs/agentctl-calls.ts'
import { incomplete } from '../docs/check-agentctl.ts'
import { documents } from '../docs/snippets.ts'

/** What only asks, by its first words; the rest changes something, or waits for a person. */
const asking = [
  /^(-o \w+ )?(nodes|clusters|ping|query|actions|commands|events|alerts|audit|ash|writes|show|completion)( |$)/,
  /^(tokens|key|config|silence|index|ha|backup)$/,
  /^(queries (top|compare)|(silence|rules|ha|backup|index) list|ha (show|history)|backup history|index saved)( |$)/,
  /^(ddl history|tune (detect|advise|plan|status|export)|watchdog (status|history))( |$)/,
]

/** What asks for more than this herd has; each says so by another exit status than that of wrong usage. */
const notHere = [
  // A pooler.
  /^show pgbouncer-/,
  // Commands and programs that were not there.
  /^commands \w{8}/,
  // The extension pg_walinspect.
  /^show wal-writers/,
  // A change that is under way, a dry run of settings with a restart.
  /^tune (plan|status)/,
  // Policies.
  /^watchdog status/,
  /^backup (list|history) /,
]

const calls = [
  ...new Set(documents.flatMap((file) => agentctlCallsOf(file)).map((words) => JSON.stringify(words))),
]
  .map((text) => JSON.parse(text) as readonly string[])
  .filter((words) => asking.some((pattern) => pattern.test(words.join(' '))))

const stack = new AsyncDisposableStack()
let fleet: Fleet
let carriedOut = 0

beforeAll(async () => {
  const directory = mkdtempSync(join(tmpdir(), 'pgherd-documented-'))
  stack.defer(() => rmSync(directory, { recursive: true, force: true }))
  const primary = stack.use(await startPostgres({ name: 'pg-main-1' }))
  await primary.query(`create role pgherd login; grant pg_monitor to pgherd`)
  await primary.query('create database shop')
  await primary.query('create extension pg_stat_statements')
  await primary.query('create table transfers (id int primary key)', undefined, 'shop')
  const standby = stack.use(await startStandby(primary, { name: 'pg-main-2' }))
  fleet = stack.use(await startFleet({ directory, operatorName: 'alice' }))
  for (const [i, server] of [primary, standby].entries()) {
    stack.use(
      await fleet.addAgent({
        directory: join(directory, `agent-${i + 1}`),
        cluster: 'pg-main',
        seq: i + 1,
        postgresUrl: server.url('postgres', 'pgherd'),
        interval: '2s',
        extraConfig: { 'scrape.timeout': '1800ms' },
      }),
    )
  }
  await waitFor(
    'both servers, a cluster that is judged and statements that were counted',
    async () => {
      const { stdout } = await fleet.operator.agentctl('-o', 'tsv', 'ha', 'list')
      const statements = await fleet.operator.agentctl('queries', 'top', '-c', 'pg-main')
      return /primary/.test(stdout) && /standby/.test(stdout) && /calls/.test(statements.stdout)
    },
    { timeoutMs: 60_000, explain: () => fleet.collector.logTail(10) },
  )
})
afterAll(async () => {
  console.info(`${carriedOut} calls of agentctl of the documentation were carried out`)
  await stack.disposeAsync()
})

test('the documentation has many that only ask', () => {
  expect(calls.length).toBeGreaterThan(60)
})

test.each(calls.map((words) => [words.join(' '), words] as const))('agentctl %s', async (line, words) => {
  const { exit, message, printed } = await ask(words)
  // A text that names a command does not give it its arguments.
  if (exit === 2 && incomplete.test(message)) return
  carriedOut++
  // 2 is wrong usage.
  if (notHere.some((pattern) => pattern.test(line))) expect([0, 1, 3, 4], message).toContain(exit)
  else {
    expect({ exit, message }).toEqual({ exit: 0, message: '' })
    expect(printed).not.toBe(0)
  }
})

/** As the operator of the fleet, in this process: to start another for each call takes longer than what it asks. */
async function ask(argv: readonly string[]) {
  let printed = 0
  try {
    await runCli({
      argv,
      environment: { XDG_CONFIG_HOME: fleet.operator.home },
      clock: systemClock,
      signal: new AbortController().signal,
      terminal: { width: 120, print: () => (printed += 1) },
      warn: () => undefined,
      status: () => undefined,
      ask: () => Promise.resolve(undefined),
      openScreen: () => undefined,
      readInput: () => Promise.resolve(''),
    })
    return { exit: 0, message: '', printed }
  } catch (error) {
    const { exit, message } = toPgherdError(error)
    return { exit, message, printed }
  }
}
