import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { waitFor } from '../../../testbed/wait.ts'
import { startHerdHost } from './herd-host.ts'
import type { HerdHost } from './herd-host.ts'

let herd: HerdHost

beforeAll(async () => {
  herd = await startHerdHost()
})
afterAll(() => herd[Symbol.asyncDispose]())

const timestamp = z.object({ MESSAGE: z.string(), __MONOTONIC_TIMESTAMP: z.string() })

/** Lines of the journal about the agent that match, with their time in seconds. */
async function lines(
  pattern: RegExp,
): Promise<readonly { readonly text: string; readonly seconds: number }[]> {
  return (await herd.agent.journal())
    .map((line) => timestamp.parse(line))
    .filter(({ MESSAGE }) => pattern.test(MESSAGE))
    .map((line) => ({ text: line.MESSAGE, seconds: Number(line['__MONOTONIC_TIMESTAMP']) / 1e6 }))
}

/** Has the agent fail in its start, which it is not told of before. */
async function fail(): Promise<void> {
  // While it waits its main process is not there yet.
  await waitFor('its process', async () => (await herd.agent.mainPid()) !== 0, { timeoutMs: 40_000 })
  await herd.agent.systemctl('kill', '--kill-whom=main', '--signal=KILL')
  await herd.agent.reaches('MainPID', '0')
}

test('an agent that fails in each start is started after 5 and 10 s, then waits for 20; a restart by hand does not', async () => {
  await herd.agent.systemctl('start', '--no-block')
  for (let failure = 0; failure < 3; failure++) await fail()
  await waitFor('the third wait', async () => (await lines(/failed 3 times/)).length > 0, {
    timeoutMs: 20_000,
  })
  const waits = await lines(/^failed \d times in a row/)
  expect(waits.map(({ text }) => text)).toEqual([
    'failed 2 times in a row: waits for 5 s more',
    'failed 3 times in a row: waits for 15 s more',
  ])
  const ends = await lines(/Main process exited/)
  expect(ends).toHaveLength(3)
  const scheduled = await lines(/Scheduled restart job/)
  expect(scheduled.map(({ seconds }, i) => Math.floor(seconds - ends[i]!.seconds))).toEqual([5, 5, 5])
  // The first start after a failure came without a wait of its own, the second after 5 s more.
  expect(ends[2]!.seconds - waits[0]!.seconds).toBeGreaterThanOrEqual(5)
  expect(await herd.agent.property('ActiveState')).toBe('activating')
  expect(await herd.agent.property('SubState')).toBe('start-pre')

  const begin = performance.now()
  await herd.agent.systemctl('restart')
  expect(performance.now() - begin).toBeLessThan(15_000)
  expect(await herd.agent.property('ActiveState')).toBe('active')
  await fail()
  await herd.agent.reaches('ActiveState', 'active', 40_000)
  // What was stopped by hand is forgotten: one failure, no wait but that of systemd.
  expect(await lines(/^failed \d times in a row/)).toHaveLength(2)
})
