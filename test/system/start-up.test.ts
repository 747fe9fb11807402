import { expect, test } from 'vitest'
import { waitFor } from '../../testbed/wait.ts'
import { startHerd } from './herd.ts'

test('from starting both programs to the first sample in the store it takes under 3 s', async () => {
  await using herd = await startHerd()
  const [warm] = await waitFor('the first sample', async () => {
    const found = await herd.samples('up{job="pgsql"}')
    return found.length > 0 ? found : undefined
  })
  await herd.agent.stop()
  await herd.collector.stop()
  let stored = warm!.samples.length
  const start = async (): Promise<number> => {
    const startedAt = performance.now()
    await Promise.all([herd.collector.start(), herd.agent.start()])
    await waitFor('a sample of the new start', async () => {
      const [up] = await herd.samples('up{job="pgsql"}')
      const found = up?.samples.length ?? 0
      if (found <= stored + 1) return false
      stored = found
      return true
    })
    return performance.now() - startedAt
  }
  let fastestMs = await start()
  // Other programs may have had the processors meanwhile.
  for (let i = 0; i < 4 && fastestMs >= 3_000; i++) {
    await herd.agent.stop()
    await herd.collector.stop()
    fastestMs = Math.min(fastestMs, await start())
  }
  expect(fastestMs).toBeLessThan(3_000)
})

test('the agent stays under 100 MB of resident memory', async () => {
  await using herd = await startHerd()
  // The first start after a change compiles the sources and keeps that memory; the second is the usual one.
  await herd.agent.stop()
  await herd.agent.start()
  await waitFor(
    'a minute of measurements, six times as fast as usual',
    async () => ((await herd.samples('up{job="pgsql"}'))[0]?.samples.length ?? 0) >= 10,
    { timeoutMs: 30_000 },
  )
  expect(herd.agent.residentBytes()).toBeLessThan(100e6)
})

test('a graceful stop of the agent ends its series at once instead of after five minutes', async () => {
  await using herd = await startHerd()
  await waitFor('samples', async () => (await herd.instant('up{ins="pg-sys-1"}')).length >= 2)
  expect(await herd.agent.stop()).toBe(0)
  expect(await herd.instant('{ins="pg-sys-1"}')).toEqual([])
})
