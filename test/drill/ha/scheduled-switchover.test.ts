import { afterAll, beforeAll, expect, test } from 'vitest'
import { waitFor } from '../../../testbed/wait.ts'
import { startSteeredCluster } from './steered-cluster.ts'
import type { SteeredCluster } from './steered-cluster.ts'

/** A switchover that Patroni does later, as agentctl has it. */

let steered: SteeredCluster
beforeAll(async () => {
  steered = await startSteeredCluster({ scope: 'ha-later', synchronousMode: false, route: 'postgres' })
})
afterAll(async () => {
  await steered[Symbol.asyncDispose]()
})

const ha = (command: string, ...rest: readonly string[]) =>
  steered.agentctl('ha', command, 'ha-later', ...rest)
const show = async () => (await ha('show')).stdout
const untilShown = (text: RegExp) =>
  waitFor(`ha show to have ${text.source}`, async () => text.test(await show()), { timeoutMs: 30_000 })
/** In a time zone that is not UTC. */
const inMs = (ms: number) => new Date(Date.now() + 7_200_000 + ms).toISOString().replace('Z', '+02:00')

test('one for a time that has passed is refused', async () => {
  const refused = await ha('switchover', '--at', inMs(-60_000), '--yes')
  expect(refused.status).toBe(3)
  expect(refused.stderr).toContain('has passed; nothing was done')
})

test('one that is scheduled is shown, keeps others away, and can be taken back', async () => {
  const before = await steered.cluster.waitUntilHealthy()
  const scheduled = await ha('switchover', '--at', inMs(3_600_000), '--yes')
  expect(scheduled.stderr + scheduled.stdout).toMatch(/Patroni: Switchover scheduled/)
  expect(scheduled.status).toBe(0)
  await untilShown(new RegExp(`scheduled: a switchover from ${before.name} to the best standby at 20`))

  const second = await ha('switchover', '--yes')
  expect(second.status).toBe(3)
  expect(second.stderr).toContain(`a switchover is scheduled: from ${before.name} to any member at 20`)
  const pause = await ha('pause', '--yes')
  expect(pause.status).toBe(3)
  expect(pause.stderr).toContain('a switchover is scheduled, and would not be done')

  const cancelled = await ha('cancel-switchover', '--yes')
  expect(cancelled.stdout).toContain('Patroni: scheduled switchover deleted')
  expect(cancelled.status).toBe(0)
  await waitFor('ha show to have none', async () => !(await show()).includes('scheduled:'), {
    timeoutMs: 30_000,
  })
  const again = await ha('cancel-switchover', '--yes')
  expect(again.stdout).toContain('No switchover of ha-later is scheduled; nothing was done')
  expect(again.status).toBe(0)
  expect(await steered.cluster.primary()).toBe(before)
})

test('one whose time comes is done, to the candidate that was named', async () => {
  const before = await steered.cluster.waitUntilHealthy()
  const candidate = steered.cluster.members.find((member) => member !== before)!
  const scheduled = await ha('switchover', steered.serverOf(candidate), '--at', inMs(10_000), '--yes')
  expect(scheduled.stdout).toMatch(/a switchover is scheduled from|its time has come/)
  expect(await steered.cluster.waitForPrimary({ other: before })).toBe(candidate)
  await steered.untilViewed(
    'the collector to know who leads, and that nothing is scheduled any more',
    ({ primary, status, members }) =>
      primary === steered.serverOf(candidate) &&
      status === 'healthy' &&
      members.every(({ health }) => health.patroni?.scheduledSwitchover == null),
  )
  expect((await ha('history')).stdout).toContain(`from ${steered.serverOf(before)}`)
})
