import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createOwnDirectory } from '../../../testbed/own-directory.ts'
import { waitFor } from '../../../testbed/wait.ts'
import { command, result } from '../../collector/commands/commands.ts'
import { controlClient, startLoneCollector } from './command-herd.ts'
import { connectRawAgent } from './raw-agent.ts'
import type { RawAgent } from './raw-agent.ts'
import { untilNodes } from './until-known.ts'
import { watchMemory } from './watch-memory.ts'

test('an agent that floods with output is turned away; one that writes as much as it may costs no more memory for it', async () => {
  using directory = createOwnDirectory({ prefix: 'pgherd-floods-' })
  await using collector = await startLoneCollector(directory.path)
  const control = controlClient(collector.url)
  const text = 'y'.repeat(16 * 1024)
  using mad = await connectRawAgent(collector.url, 'pg-main-1', (id, agent) => {
    agent.say({ type: 'command-received', id })
    for (let i = 0; i < 5_000; i++) agent.say({ type: 'command-output', id, text })
  })
  let wrote = 0
  const talk = async (id: string, agent: RawAgent) => {
    agent.say({ type: 'command-received', id })
    agent.say({ type: 'command-started', id, atMs: Date.now() })
    for (; wrote < 600 && agent.closedFor() === undefined; wrote++) {
      agent.say({ type: 'command-output', id, text: `${wrote}${text}`.slice(0, 16 * 1024) })
      await sleep(25)
    }
    agent.say({ type: 'command-result', id, result: result() })
  }
  using talker = await connectRawAgent(collector.url, 'pg-main-2', (id, agent) => void talk(id, agent))
  await untilNodes(collector.url, 2)
  const memory = watchMemory(collector)
  const commands = ['pg-main-1', 'pg-main-2'].map((node) => command({ node, deadline_ms: 60_000 }))
  const sent = await control.send(commands)
  expect(sent.filter(({ error }) => error !== null)).toEqual([])
  const reason = await waitFor('it is turned away', () => mad.closedFor())
  expect(reason).toContain('more than 50 messages per second')

  const ids = commands.map(({ id }) => id)
  await waitFor('the other is done', async () => (await control.views(ids.slice(1)))[0]?.state === 'done', {
    timeoutMs: 60_000,
  })
  expect(talker.closedFor()).toBeUndefined()
  const [view] = await control.views(ids)
  console.log(
    `turned away: ${reason}; ${wrote} outputs of 16 KiB from the other, collector +${memory()} MiB, kept ${view?.written.length ?? 0} characters of the first`,
  )
  expect(wrote).toBe(600)
  expect(view?.written.length).toBeLessThanOrEqual(64 * 1024)
  expect(memory()).toBeLessThan(120)
})
