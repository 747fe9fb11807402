import { expect, test } from 'vitest'
import { waitFor } from '../../testbed/wait.ts'
import { intervalMs, startHerd } from './herd.ts'

const upOf = 'up{job="pgsql",ins="pg-sys-1"}'

test('a killed PostgreSQL is down within one interval, its other series end, and it comes back by itself', async () => {
  await using herd = await startHerd()
  const measured = () => herd.instant('count({job="pgsql",ins="pg-sys-1"})')
  await waitFor('the server is up in the store', async () => (await herd.instant(upOf))[0]?.value === 1)
  const healthy = (await waitFor('its series are in the store', async () => (await measured())[0])).value
  expect(healthy).toBeGreaterThan(50)

  await herd.postgres.kill()
  const killedAt = Date.now()
  await waitFor('the server is down in the store', async () => (await herd.instant(upOf))[0]?.value === 0)
  const [up] = await herd.samples(upOf)
  const firstDown = up!.samples.find(({ timeMs, value }) => timeMs >= killedAt && value === 0)
  expect(firstDown, 'a sample that says down').toBeDefined()
  expect(firstDown!.timeMs - killedAt).toBeLessThanOrEqual(intervalMs)
  expect(up!.samples.filter(({ timeMs, value }) => timeMs > firstDown!.timeMs && value === 1)).toEqual([])

  // What is left says that it is down; everything that was read from the server has ended at that moment,
  // not five minutes later.
  const left = await herd.instant('{job="pgsql",ins="pg-sys-1"}')
  const names = left.map(({ labels }) => labels['__name__'] ?? '')
  expect(names).toContain('pg_up')
  expect(names.filter((name) => /^pg_(db|activity|wal|lock|checkpointer|bgwriter|size)_/.test(name))).toEqual(
    [],
  )
  expect((await herd.instant('up{job="node",ins="pg-sys-1"}'))[0]?.value).toBe(1)

  await herd.postgres.start()
  await waitFor('the server is up again', async () => (await herd.instant(upOf))[0]?.value === 1)
  await waitFor('all its series are back', async () => (await measured())[0]!.value >= healthy * 0.9, {
    timeoutMs: 70_000,
  })
})

test('a PostgreSQL that hangs is down within its deadline and costs nothing else', async () => {
  await using herd = await startHerd()
  await waitFor('the server is up in the store', async () => (await herd.instant(upOf))[0]?.value === 1)

  await herd.postgres.pause()
  try {
    await waitFor('the server is down in the store', async () => (await herd.instant(upOf))[0]?.value === 0)
    const before = (await herd.samples('node_time_seconds{ins="pg-sys-1"}'))[0]!.samples.length
    await waitFor('the host is measured on', async () => {
      const [host] = await herd.samples('node_time_seconds{ins="pg-sys-1"}')
      return host!.samples.length >= before + 3
    })
  } finally {
    herd.postgres.resume()
  }
  await waitFor('the server is up again', async () => (await herd.instant(upOf))[0]?.value === 1, {
    timeoutMs: 20_000,
  })
})
