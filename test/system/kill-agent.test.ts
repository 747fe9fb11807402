import { expect, test } from 'vitest'
import { waitFor } from '../../testbed/wait.ts'
import { startHerd } from './herd.ts'
import { spooledTimes } from './spooled-times.ts'

test('kill -9 of the agent loses nothing that it had spooled, and doubles nothing', async () => {
  await using herd = await startHerd()
  const spooledSoFar = (): readonly number[] => spooledTimes(herd.agent.logFile, 'pgsql')
  for (let kills = 1; kills <= 3; kills++) {
    const before = spooledSoFar().length
    await waitFor('three more measurements', () => spooledSoFar().length >= before + 3)
    // Some are still unsent at the kill: the collector is away for every second one.
    if (kills === 2) {
      await herd.collector.stop()
      const unsent = spooledSoFar().length
      await waitFor('unsent measurements', () => spooledSoFar().length >= unsent + 3)
    }
    await herd.agent.kill()
    if (kills === 2) await herd.collector.start()
    await herd.agent.start()
  }
  const spooled = spooledSoFar()
  const newest = spooled.at(-1)!
  const stored = await waitFor('everything to arrive', async () => {
    const [up] = await herd.samples('up{job="pgsql",ins="pg-sys-1"}')
    return up !== undefined && up.samples.at(-1)!.timeMs >= newest ? up.samples : undefined
  })
  const times = stored.map(({ timeMs }) => timeMs)
  expect(spooled.filter((time) => !times.includes(time))).toEqual([])
  expect(times.length).toBe(new Set(times).size)
})
