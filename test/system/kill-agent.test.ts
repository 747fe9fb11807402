import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { waitFor } from '../../testbed/wait.ts'
import { startHerd } from './herd.ts'

const spooledLine = z.object({ msg: z.literal('spooled'), job: z.string(), timestampMs: z.number() })

/** Times of the measurements of PostgreSQL that the agent had on disk before it went on, by its own log. */
function spooledTimes(logFile: string): readonly number[] {
  return readFileSync(logFile, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('{') && line.endsWith('}'))
    .map((line) => spooledLine.safeParse(JSON.parse(line)))
    .flatMap((parsed) => (parsed.success && parsed.data.job === 'pgsql' ? [parsed.data.timestampMs] : []))
}

test('kill -9 of the agent loses nothing that it had spooled, and doubles nothing', async () => {
  await using herd = await startHerd()
  for (let kills = 1; kills <= 3; kills++) {
    const before = spooledTimes(herd.agent.logFile).length
    await waitFor('three more measurements', () => spooledTimes(herd.agent.logFile).length >= before + 3)
    // Some are still unsent at the kill: the collector is away for every second one.
    if (kills === 2) {
      await herd.collector.stop()
      const unsent = spooledTimes(herd.agent.logFile).length
      await waitFor('unsent measurements', () => spooledTimes(herd.agent.logFile).length >= unsent + 3)
    }
    await herd.agent.kill()
    if (kills === 2) await herd.collector.start()
    await herd.agent.start()
  }
  const spooled = spooledTimes(herd.agent.logFile)
  const newest = spooled.at(-1)!
  const stored = await waitFor('everything to arrive', async () => {
    const [up] = await herd.samples('up{job="pgsql",ins="pg-sys-1"}')
    return up !== undefined && up.samples.at(-1)!.timeMs >= newest ? up.samples : undefined
  })
  const times = stored.map(({ timeMs }) => timeMs)
  expect(spooled.filter((time) => !times.includes(time))).toEqual([])
  expect(times.length).toBe(new Set(times).size)
})
