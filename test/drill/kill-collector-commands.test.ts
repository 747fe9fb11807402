import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createChannel } from '../../agent/channel/channel.ts'
import type { ChannelCommands } from '../../agent/channel/commands.ts'
import { auditAnswer } from '../../common/audit/entry.ts'
import { createBackoff } from '../../common/backoff.ts'
import { systemClock } from '../../common/clock.ts'
import { commandPayload } from '../../common/command/payload.ts'
import { commandsAnswer, sentCommands } from '../../common/command/command-view.ts'
import { silentLog } from '../../common/log.ts'
import { channelPath } from '../../common/wire/channel.ts'
import type { FromAgent } from '../../common/wire/channel.ts'
import { startCollector } from '../../testbed/pgherd.ts'
import { waitFor } from '../../testbed/wait.ts'
import { command, result } from '../collector/commands/commands.ts'
import { findingsOf } from '../common/audit/findings-of.ts'

const node = 'pg-main-1'
const kills = 5
const perRound = 100

/** An agent with its journal in memory: an id that comes again does not run again, and a result is sent until it is stored. */
function startAgent(collectorUrl: string) {
  const runs = new Set<string>()
  const unstored = new Set<string>()
  let send: (message: FromAgent) => void = () => undefined
  const tell = (id: string) => {
    send({ type: 'command-received', id })
    if (unstored.has(id)) send({ type: 'command-result', id, result: result({ message: id }) })
  }
  const commands: ChannelCommands = {
    actions: () => [],
    submit({ payload }) {
      const { id } = commandPayload.parse(JSON.parse(payload))
      if (!runs.has(id)) {
        runs.add(id)
        unstored.add(id)
      }
      tell(id)
    },
    resultStored: (id) => void unstored.delete(id),
    auditStored: () => undefined,
    connected(to) {
      send = to
      for (const id of unstored) tell(id)
    },
    disconnected: () => (send = () => undefined),
  }
  const stop = new AbortController()
  const channel = createChannel({
    url: `${collectorUrl.replace('http', 'ws')}${channelPath}`,
    identity: { node, cluster: 'pg-main', ip: '127.0.0.1', version: '0.1.0' },
    clock: systemClock,
    log: silentLog,
    backoff: createBackoff({ firstMs: 50, maxMs: 200 }),
    commands,
  })
  const done = channel.run(stop.signal)
  onTestFinished(async () => {
    stop.abort()
    await done
  })
  return { runs, unstored, channel }
}

test('a collector that is killed while commands run delivers all that it took, and stores each result', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'pgherd-drill-commands-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  await using collector = await startCollector({ directory, extraConfig: { 'rules.files': [] } })
  const agent = startAgent(collector.url)
  const post = async (path: string, body: object): Promise<unknown> => {
    const answer = await fetch(`${collector.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    return await answer.json()
  }
  const taken = new Set<string>()
  for (let round = 0; round < kills; round++) {
    await waitFor('the agent is connected', () => agent.channel.stats().connected)
    const before = agent.runs.size
    // Each on its own, so that the kill falls between some that were taken and some that were not.
    const sending = Array.from({ length: perRound }, async () => {
      const { id, ...wanted } = command()
      const [sent] = sentCommands.parse(await post('/api/v1/commands', { commands: [wanted] })).data
      if (sent?.error === null) taken.add(id)
    })
    const settled = Promise.allSettled(sending)
    await waitFor('some commands run', () => agent.runs.size > before + 10 * (round + 1))
    await collector.kill()
    await settled
    await collector.start()
  }
  expect(taken.size).toBeGreaterThan(0)

  const ids = [...taken]
  await waitFor('every command has its result', async () => {
    const { data } = commandsAnswer.parse(await post('/api/v1/commands/wait', { ids, timeout_ms: 0 }))
    return data.length === ids.length && data.every(({ state }) => state === 'done')
  })
  await waitFor('the agent knows that all are stored', () => agent.unstored.size === 0)
  expect(ids.filter((id) => !agent.runs.has(id))).toEqual([])

  const answer = await fetch(`${collector.url}/api/v1/audit?limit=10000`)
  const { entries } = auditAnswer.parse(await answer.json()).data
  expect(findingsOf(entries)).toEqual([])
  const finished = new Set(entries.filter(({ event }) => event === 'finished').map((entry) => entry.command))
  expect(ids.filter((id) => !finished.has(id))).toEqual([])
})
