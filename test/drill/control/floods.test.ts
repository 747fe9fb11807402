import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { commandsAnswer } from '../../../common/command/command-view.ts'
import { maxResultBytes } from '../../../common/command/result.ts'
import { createOwnDirectory } from '../../../testbed/own-directory.ts'
import { waitFor } from '../../../testbed/wait.ts'
import { command, result } from '../../collector/commands/commands.ts'
import { findingsOf } from '../../common/audit/findings-of.ts'
import { controlClient, startCommandHerd, startLoneCollector } from './command-herd.ts'
import { connectRawAgent } from './raw-agent.ts'
import { untilKnown, untilNodes } from './until-known.ts'
import { watchMemory } from './watch-memory.ts'

test('10,000 commands to one agent at once: as many as may wait are taken and each runs once, the others are refused with a reason', async () => {
  using directory = createOwnDirectory({ prefix: 'pgherd-floods-' })
  await using herd = await startCommandHerd({
    directory: directory.path,
    agentConfig: { 'scrape.interval': '1m' },
  })
  await untilKnown(herd)
  const { control, collector, agent } = herd
  const memory = [watchMemory(collector), watchMemory(agent)]
  const commands = Array.from({ length: 10_000 }, () => command({ deadline_ms: 60_000 }))
  const thousands = Array.from({ length: 10 }, (_, i) => commands.slice(1_000 * i, 1_000 * (i + 1)))
  const startMs = performance.now()
  const answers = (await Promise.all(thousands.map((some) => control.send(some)))).flat()
  const sentMs = performance.now() - startMs
  const taken = answers.flatMap(({ id, error }) => (error === null && id !== null ? [id] : []))
  const reasons = new Set(
    answers.flatMap(({ error }) => (error === null ? [] : [error.replace(/^\d+/, 'so many')])),
  )
  expect(taken.length).toBeGreaterThanOrEqual(1_000)
  expect(taken.length).toBeLessThanOrEqual(2_000)
  expect([...reasons]).toEqual(['so many commands for pg-main-1 are under way already'])

  // A person who asks meanwhile is answered.
  const askedMs = performance.now()
  const ping = await fetch(`${collector.url}/api/v1/nodes/pg-main-1/ping`, { method: 'POST' })
  const pingMs = performance.now() - askedMs
  expect(ping.status).toBe(200)

  await waitFor(
    'every command that was taken has its end',
    async () => (await control.views(taken)).every(({ finishedMs }) => finishedMs !== null),
    { timeoutMs: 400_000, intervalMs: 2_000, explain: () => agent.logTail(5) },
  )
  const views = await control.views(taken)
  expect(views.filter(({ state }) => state !== 'done')).toEqual([])
  await waitFor(
    'the copy of the audit has them all',
    async () =>
      (await control.audit('pg-main-1')).filter(({ event }) => event === 'finished').length >= taken.length,
    { timeoutMs: 60_000, intervalMs: 1_000 },
  )
  const copy = await control.audit('pg-main-1')
  expect(findingsOf(copy)).toEqual([])
  const began = copy.filter(({ event }) => event === 'started').map((entry) => entry.command)
  expect([began.length, new Set(began).size]).toEqual([taken.length, taken.length])
  const more = memory.map((most) => most())
  console.log(
    `10,000 commands answered in ${sentMs.toFixed(0)} ms: ${taken.length} taken, all done after ` +
      `${((performance.now() - startMs) / 1000).toFixed(0)} s; a ping meanwhile ${pingMs.toFixed(0)} ms; ` +
      `collector +${more[0] ?? 0} MiB, agent +${more[1] ?? 0} MiB`,
  )
  expect(more[0]).toBeLessThan(150)
  expect(more[1]).toBeLessThan(100)
})

/** As long as a result may be. */
function largestResult() {
  const lines = Array.from({ length: 500 }, (_, i) => `${i} `.padEnd(1_000, 'x'))
  const largest = result({ output: [{ type: 'text', title: 'a report', lines }] })
  expect(JSON.stringify(largest).length).toBeGreaterThan(0.95 * maxResultBytes)
  return largest
}

test('50 agents answer at once with results as large as they may be, and 200 operators wait for one of them', async () => {
  using directory = createOwnDirectory({ prefix: 'pgherd-floods-' })
  await using collector = await startLoneCollector(directory.path)
  const control = controlClient(collector.url)
  const largest = largestResult()
  const released = Promise.withResolvers<undefined>()
  const nodes = Array.from({ length: 50 }, (_, i) => `pg-main-${i + 1}`)
  using agents = new DisposableStack()
  for (const node of nodes) {
    agents.use(
      await connectRawAgent(collector.url, node, (id, agent) => {
        agent.say({ type: 'command-received', id })
        void released.promise.then(() => agent.say({ type: 'command-result', id, result: largest }))
      }),
    )
  }
  await untilNodes(collector.url, nodes.length)
  const commands = nodes.map((node) => command({ node }))
  const sent = await control.send(commands)
  expect(sent.filter(({ error }) => error !== null)).toEqual([])
  const ids = commands.map(({ id }) => id)
  await waitFor('all have theirs', async () =>
    (await control.views(ids)).every(({ state }) => state === 'delivered'),
  )

  const [first] = await control.views(ids.slice(0, 1))
  const waiting = Array.from({ length: 200 }, async () => {
    const answer = await fetch(`${collector.url}/api/v1/commands/wait`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ids: ids.slice(0, 1), after: first?.version ?? 0, timeout_ms: 60_000 }),
    })
    return commandsAnswer.parse(await answer.json()).data[0]?.result?.digest
  })
  await sleep(1_000)
  const memory = watchMemory(collector)
  const startMs = performance.now()
  released.resolve(undefined)
  expect(new Set(await Promise.all(waiting))).toEqual(new Set([largest.digest]))
  const waitedMs = performance.now() - startMs
  // An answer holds some 16 MiB: the others are asked for with the newest version that has come.
  const done = new Map<string, string>()
  await waitFor(
    'all results are here',
    async () => {
      const left = ids.filter((id) => !done.has(id))
      for (const { id, result: its } of await control.views(left)) if (its !== null) done.set(id, its.digest)
      return done.size === ids.length
    },
    { timeoutMs: 60_000 },
  )
  console.log(
    `50 results of ${(maxResultBytes / 1024).toFixed(0)} KiB, 200 answers with one of them in ${waitedMs.toFixed(0)} ms; collector +${memory()} MiB`,
  )
  expect(new Set(done.values())).toEqual(new Set([largest.digest]))
  expect(memory()).toBeLessThan(400)
})
