import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startPostgres } from '../../../testbed/postgres.ts'
import type { PostgresServer } from '../../../testbed/postgres.ts'
import { createMonitor, measureServer, sessionsOf } from './measured-server.ts'
import type { MeasuredServer, Samples } from './measured-server.ts'

const numbers = [1, 2, 3, 4, 5]

/** Each takes as long as the table says. */
const probes = numbers
  .map(
    (number) => `
p${number}:
  query: select ${number} as value, pg_sleep(seconds) from public.pace where number = ${number}
  tags: [cluster]
  metrics:
    - value: { usage: GAUGE, description: its number }`,
  )
  .join('\n')

let server: PostgresServer
let agent: MeasuredServer

beforeAll(async () => {
  server = await startPostgres()
  await createMonitor(server)
  await server.query('create table pace (number int, seconds float8)')
  await server.query('insert into pace select number, 0 from generate_series(1, 5) as number')
  await server.query('grant select on pace to pgherd')
})
afterAll(() => server[Symbol.asyncDispose]())

async function pace(seconds: Readonly<Record<number, number>>): Promise<void> {
  const values = numbers.map((number) => `(${number}, ${seconds[number] ?? 0})`).join()
  await server.query(
    `update pace set seconds = new.seconds from (values ${values}) as new(number, seconds) where pace.number = new.number`,
  )
}

function valuesOf(samples: Samples): readonly unknown[] {
  return numbers.map((number) => samples[`p${number}_value`])
}

function throttled(samples: Samples): readonly number[] {
  return numbers.filter((number) => samples[`pgherd_probe_throttled{probe=p${number}}`] === 1)
}

/** Of the agent's sessions, the one that is at work. */
async function workingSession(): Promise<number> {
  let pid: number | undefined
  await expect
    .poll(async () => {
      const rows = await server.query<{ pid: number }>(
        `select pid from pg_stat_activity where application_name = 'pgherd' and wait_event = 'PgSleep'`,
      )
      return (pid = rows[0]?.pid)
    })
    .toBeGreaterThan(0)
  return pid!
}

describe('of several probes that are asked for in one go', () => {
  beforeEach(async () => {
    await pace({})
    agent = await measureServer(server, probes, { timeoutMs: 8_000 })
    // From the second time on they are known to be quick.
    await agent.scrape()
    return () => agent[Symbol.asyncDispose]()
  })

  test('one that takes too long is ended by the server, and its time is its own', async () => {
    await pace({ 3: 5 })
    const samples = await agent.scrape()
    expect(valuesOf(samples)).toEqual([1, 2, 'stale', 4, 5])
    expect(throttled(samples)).toContain(3)
    // On a busy machine another may have been over its budget as well, but not by what this one took.
    const tookOf = (number: number): number =>
      Number(samples[`pgherd_probe_duration_seconds{probe=p${number}}`])
    for (const number of [1, 2, 4, 5]) expect(tookOf(number)).toBeLessThan(tookOf(3) / 2)
  })

  test('each has its limit from its turn on', async () => {
    await pace({ 2: 1.6, 3: 1.6 })
    const samples = await agent.scrape()
    expect(valuesOf(samples)).toEqual(numbers)
    expect(await sessionsOf(server)).toHaveLength(1)
  })

  test('one whose backend hangs is lost alone; the others are asked for again in another session', async () => {
    await pace({ 2: 1 })
    const scraped = agent.scrape()
    const pid = await workingSession()
    await pace({})
    process.kill(pid, 'SIGSTOP')
    try {
      expect(valuesOf(await scraped)).toEqual([1, 'stale', 3, 4, 5])
      expect(await sessionsOf(server)).toHaveLength(2)
    } finally {
      process.kill(pid, 'SIGCONT')
    }
    await expect.poll(() => sessionsOf(server)).not.toContain(pid)
  })

  test('one whose backend is terminated is lost alone', async () => {
    await pace({ 2: 1 })
    const scraped = agent.scrape()
    const pid = await workingSession()
    await pace({})
    await server.query('select pg_terminate_backend($1)', [pid])
    const samples = await scraped
    expect(samples['pg_up']).toBe(1)
    expect(valuesOf(samples)).toEqual([1, 'stale', 3, 4, 5])
  })

  test('one that is cancelled is lost alone, and goes on in the same session', async () => {
    await pace({ 2: 1 })
    const scraped = agent.scrape()
    const pid = await workingSession()
    await pace({})
    await server.query('select pg_cancel_backend($1)', [pid])
    expect(valuesOf(await scraped)).toEqual([1, 'stale', 3, 4, 5])
    expect(await sessionsOf(server)).toEqual([pid])
  })
})
