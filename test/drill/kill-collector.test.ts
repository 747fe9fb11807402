import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { startCollector } from '../../testbed/pgherd.ts'
import { startRemoteWriter } from './remote-writer.ts'
import { compareWithStore } from './stored-samples.ts'
import { findReturned, startSweeper } from './sweeper.ts'

const kills = Number(process.env['PGHERD_KILLS'] ?? 100)
const senders = 4

test(`${kills} times kill -9 of the collector while ${senders} senders write and windows are sealed, merged and deleted from: nothing acknowledged is lost or changed`, async () => {
  const directory = mkdtempSync(join(tmpdir(), 'pgherd-kills-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  await using collector = await startCollector({ directory })
  // Over many windows of two hours that are long over, so that whole days of them become one block.
  const startMs = Math.floor(Date.now() / 1000) * 1000 - 28 * 86_400_000
  const writers = Array.from({ length: senders }, (_, i) =>
    startRemoteWriter({
      url: () => collector.url,
      name: String(i),
      seriesCount: 40,
      startMs,
      stepMs: 60_000 + i,
    }),
  )
  const sweeper = startSweeper(
    () => collector.url,
    // Also in the windows before, where writers have left a log that nothing else closes.
    () =>
      writers.flatMap(({ acknowledged, timeOf }) =>
        [0, 2, 4].map((hours) => timeOf(acknowledged.length) - hours * 3_600_000),
      ),
  )
  for (let kill = 0; kill < kills; kill++) {
    const before = writers.map(({ acknowledged }) => acknowledged.length)
    // The moment falls anywhere within a request, but not before something was acknowledged.
    await sleep(50 + Math.random() * 250)
    while (writers.some(({ acknowledged }, i) => acknowledged.length === before[i])) await sleep(5)
    await collector.kill()
    await collector.start()
  }
  await sleep(200)
  await Promise.all([...writers, sweeper].map((each) => each.stop()))
  // A sample ahead of the clock is refused, which a machine that is quick enough would take for a loss.
  for (const { acknowledged, timeOf } of writers) expect(timeOf(acknowledged.length)).toBeLessThan(Date.now())
  const { acknowledged, lost, changed, foreign } = await compareWithStore(collector.url, writers)
  const returned = await findReturned(collector.url, sweeper)
  const blocks = readdirSync(join(directory, 'store', 'metrics', 'blocks'))
  const days = blocks.filter((name) => name.includes('-86400000-'))
  console.log(
    `kills: ${kills}, samples acknowledged: ${acknowledged}, lost: ${lost}, changed: ${changed}, not sent or doubled: ${foreign}, ` +
      `deletions: ${sweeper.deleted.size}, undone: ${returned.length}, blocks: ${blocks.length}, of days: ${days.length}`,
  )
  expect({ lost, changed, foreign, returned }).toEqual({ lost: 0, changed: 0, foreign: 0, returned: [] })
  expect(blocks.length).toBeGreaterThan(0)
  expect(acknowledged).toBeGreaterThan(kills * senders * 40)
})
