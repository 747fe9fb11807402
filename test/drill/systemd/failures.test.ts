import { afterAll, beforeAll, expect, test } from 'vitest'
import { evaluateInside } from '../../../testbed/systemd-host/evaluate-inside.ts'
import { computedSeconds, limitsOf } from '../../../testbed/systemd-host/limits.ts'
import type { Service } from '../../../testbed/systemd-host/service.ts'
import { waitFor } from '../../../testbed/wait.ts'
import { startHerdHost } from './herd-host.ts'
import type { HerdHost } from './herd-host.ts'

let herd: HerdHost

beforeAll(async () => {
  herd = await startHerdHost()
  await herd.collector.systemctl('start')
  await herd.agent.systemctl('start')
})
afterAll(() => herd[Symbol.asyncDispose]())

const both = ['pgherd-agent', 'pgherd-collector'] as const

/** The shipped watchdog gives 60 s; nothing else differs from the unit. */
const quickWatchdog = 'WatchdogSec=4'

/** Starts a program anew with these settings over its unit; without any it is as it was installed. */
async function startAnew(service: Service, ...settings: readonly string[]): Promise<void> {
  await service.override(...settings)
  await service.systemctl('restart')
  await herd.isMeasured()
}

/** Resolves when systemd has started it again by itself. */
async function isRestarted(service: Service): Promise<void> {
  await service.reaches('NRestarts', '1', 40_000)
  await service.reaches('ActiveState', 'active', 40_000)
}

/** How the main process ended, as systemd wrote it down: `killed/ABRT`. */
async function lastEnd(service: Service): Promise<string> {
  const [, code = '', status = ''] =
    (await service.journal())
      .map(({ MESSAGE }) => /Main process exited, code=(\w+), status=\d+\/(\w+)/.exec(String(MESSAGE)))
      .findLast((match) => match !== null) ?? []
  return `${code}/${status}`
}

test.each(both)('%s that is stopped by a signal is restarted by the watchdog', async (name) => {
  const service = herd.service(name)
  await startAnew(service, quickWatchdog)
  await service.systemctl('kill', '--kill-whom=main', '--signal=STOP')
  await isRestarted(service)
  expect(await lastEnd(service)).toBe('killed/ABRT')
  const lines = (await service.journal()).map(({ MESSAGE }) => String(MESSAGE))
  expect(lines.join('\n')).toContain("Failed with result 'watchdog'")
  await service.override()
  await herd.isMeasured()
})

test.each([
  ['pgherd-agent', 0.5],
  ['pgherd-collector', 2],
] as const)(
  '%s whose event loop turns no more gets %d processors at most, and is restarted by the watchdog',
  async (name, most) => {
    const service = herd.service(name)
    await startAnew(service, quickWatchdog)
    expect((await limitsOf(herd.host, service)).processors).toBe(most)
    await evaluateInside(herd.host, service, 'setImmediate(() => { for (;;); })')
    const begin = performance.now()
    const before = await computedSeconds(herd.host, service)
    await waitFor('a second and a half', () => performance.now() - begin > 1_500)
    const computed = (await computedSeconds(herd.host, service)) - before
    expect(computed).toBeGreaterThan(0)
    // A period of the quota that began before may end in it.
    expect(computed).toBeLessThan(most * ((performance.now() - begin) / 1000) + 0.1)
    await isRestarted(service)
    expect(await lastEnd(service)).toBe('killed/ABRT')
    await service.override()
    await herd.isMeasured()
  },
)

test('an agent whose disk hangs, with an event loop that turns, says so and is restarted by the watchdog', async () => {
  await startAnew(herd.agent, quickWatchdog)
  // No write of a file ends any more, in a program that is otherwise as it was.
  const hang = `(async () => {
    const file = await process.getBuiltinModule('fs/promises').open('/dev/null')
    const methods = Object.getPrototypeOf(file)
    await file.close()
    methods.write = () => new Promise(() => {})
    return 'hangs'
  })()`
  expect(await evaluateInside(herd.host, herd.agent, hang)).toBe('hangs')
  await isRestarted(herd.agent)
  expect(await lastEnd(herd.agent)).toBe('killed/ABRT')
  const problems = (await herd.agent.journal('PGHERD_PROGRAM=agent'))
    .map(({ MESSAGE }) => String(MESSAGE))
    .filter((line) => line.includes('the watchdog of the service manager is not fed'))
  expect(problems.length).toBeGreaterThan(0)
  expect(problems[0]).toMatch(/"problem":"a source was not measured for \d+ s"/)
  await herd.agent.override()
  await herd.isMeasured()
})

/**
 * Asserts that every round of an agent without restart is in the collector: each says how many batches were written
 * before it, one for each source and round.
 */
async function expectEveryRound(since: number): Promise<void> {
  const samples = (await herd.samplesOf('pgherd_agent_spool_records_total')).filter(({ at }) => at >= since)
  const steps = samples.slice(1).map(({ value }, i) => value - samples[i]!.value)
  expect(steps.length).toBeGreaterThan(3)
  const sources = Number(/\d+/.exec(await herd.agent.property('StatusText'))?.[0])
  // The batches of a round are written as the answers come, so one of the next may be among them, but no whole round.
  expect(Math.max(...steps)).toBeLessThan(2 * sources - 1)
  expect(new Set(samples.map(({ at }) => at)).size).toBe(samples.length)
}

test('kill -9 of the collector: it is restarted, and gets every round of the time it was away', async () => {
  await startAnew(herd.collector)
  const before = (await herd.samplesOf('pg_up')).map(({ at }) => at)
  await herd.collector.systemctl('kill', '--kill-whom=main', '--signal=KILL')
  const killedAt = Date.now()
  await isRestarted(herd.collector)
  const backAt = Date.now()
  await herd.isMeasured()
  const times = (await herd.samplesOf('pg_up')).map(({ at }) => at)
  expect(times).toEqual(expect.arrayContaining(before))
  // One each 2 s, for the 5 s before systemd starts it and its start.
  expect(times.filter((at) => at > killedAt && at < backAt).length).toBeGreaterThanOrEqual(2)
  await expectEveryRound(before.at(-1)!)
})

test('kill -9 of the agent: it is restarted, and what it had measured reaches the collector once', async () => {
  await startAnew(herd.agent)
  await herd.collector.systemctl('stop')
  const stoppedAt = Date.now()
  const spool = async () => herd.host.mustRun('du', ['--bytes', '--summarize', '/var/lib/pgherd/agent/spool'])
  for (let round = 0, size = await spool(); round < 3; round++) {
    const known = size
    size = await waitFor('a round in the spool', async () => {
      const now = await spool()
      return now === known ? undefined : now
    })
  }
  await herd.agent.systemctl('kill', '--kill-whom=main', '--signal=KILL')
  const killedAt = Date.now()
  await herd.collector.systemctl('start')
  await isRestarted(herd.agent)
  await herd.isMeasured()
  const times = (await herd.samplesOf('up{job="node"}')).map(({ at }) => at)
  expect(times.filter((at) => at > stoppedAt && at < killedAt).length).toBeGreaterThanOrEqual(1)
  expect(new Set(times).size).toBe(times.length)
})

test('an agent that needs more than MemoryMax is ended by the kernel and restarted; PostgreSQL goes on', async () => {
  await startAnew(herd.agent)
  expect((await limitsOf(herd.host, herd.agent)).memoryBytes).toBe(256 * 1024 * 1024)
  const running = async () => [
    await herd.server.mainPid(),
    await herd.server.property('NRestarts'),
    await herd.postgres.query('select pg_postmaster_start_time()'),
  ]
  const before = await running()
  const hog = `globalThis.hog = []; setInterval(() => hog.push(Buffer.alloc(8 << 20, 1)), 20); 'begun'`
  expect(await evaluateInside(herd.host, herd.agent, hog)).toBe('begun')
  await isRestarted(herd.agent)
  expect(await lastEnd(herd.agent)).toBe('killed/KILL')
  expect(await running()).toEqual(before)
  await herd.isMeasured()
})
