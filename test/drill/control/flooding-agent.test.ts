import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { startCollector } from '../../../testbed/pgherd.ts'
import type { CollectorProcess, PgherdProcess } from '../../../testbed/pgherd.ts'
import { waitFor } from '../../../testbed/wait.ts'
import { command, result } from '../../collector/commands/commands.ts'
import { controlClient } from './command-herd.ts'
import { connectRawAgent } from './raw-agent.ts'
import type { RawAgent } from './raw-agent.ts'

const mebibyte = 2 ** 20

function scratch(): string {
  const directory = mkdtempSync(join(tmpdir(), 'pgherd-floods-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

/** The most memory of a process until it is read, in MiB above what it had at the start. */
function watchMemory(watched: PgherdProcess): () => number {
  const before = watched.residentBytes()
  let most = before
  const timer = setInterval(() => (most = Math.max(most, watched.residentBytes())), 20)
  onTestFinished(() => clearInterval(timer))
  return () => Math.round((most - before) / mebibyte)
}

async function startAlone(): Promise<CollectorProcess> {
  return startCollector({ directory: join(scratch(), 'collector'), extraConfig: { 'rules.files': [] } })
}

test('an agent that floods with output is turned away; one that writes as much as it may costs no more memory for it', async () => {
  await using collector = await startAlone()
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
  await waitFor('both are known', async () => {
    const answer = await fetch(`${collector.url}/api/v1/nodes`)
    return ((await answer.json()) as { data: unknown[] }).data.length === 2
  })
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
