import { execFileSync } from 'node:child_process'
import { closeSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createHost } from '../../../agent/host/host.ts'
import { systemClock } from '../../../common/clock.ts'
import { waitFor } from '../../../testbed/wait.ts'
import { samples } from './samples.ts'
import { plant } from './tree.ts'

test('a sensor that never answers costs its own figures and one deadline, and is read again when it does', async () => {
  const root = plant({
    'proc/loadavg': '1 2 3 1/2 3\n',
    'sys/class/hwmon/hwmon0/name': 'slow\n',
    'sys/class/thermal/thermal_zone0/type': 'zone\n',
    'sys/class/thermal/thermal_zone0/temp': '40000\n',
  })
  // Whoever opens a pipe for reading waits until somebody writes, as the reader of a dead bus waits for it.
  const pipe = join(root, 'sys/class/hwmon/hwmon0/temp1_input')
  execFileSync('mkfifo', [pipe])
  let aheadMs = 0
  const clock = { ...systemClock, monotonic: () => systemClock.monotonic() + aheadMs }
  const host = createHost({ clock, root })
  onTestFinished(() => host[Symbol.dispose]())
  const figures = async (): Promise<Readonly<Record<string, number>>> => samples((await host(500)).tables)

  const first = await figures()
  expect(first).toMatchObject({ node_load1: 1 })
  expect(first).not.toHaveProperty('node_hwmon_temp_celsius')

  // Whoever waited for the sensor again would take a tenth of a second each time.
  await waitFor('a measurement that waits for nothing', async () => {
    const startedMs = systemClock.monotonic()
    await figures()
    return systemClock.monotonic() - startedMs < 90
  })
  await waitFor('the other sensor', async () => (await figures())['node_thermal_zone_temp{zone,0}'] === 40)

  aheadMs += 40_000
  const third = await host(500)
  expect([...third.failures]).toEqual([['hwmon', 'no answer from a device or a disk']])

  // A writer ends the wait; from then on a file lies there.
  closeSync(openSync(pipe, 'w'))
  rmSync(pipe)
  writeFileSync(pipe, '50000\n')
  aheadMs += 60_000
  await waitFor('the temperature', async () => {
    const found = await figures()
    aheadMs += 60_000
    return found['node_hwmon_temp_celsius{slow,temp1}'] === 50
  })
})
