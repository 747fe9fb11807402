import { expect, test } from 'vitest'
import { waitFor } from '../../../testbed/wait.ts'
import { startSteeredCluster } from './steered-cluster.ts'

test('agentctl ha switches over a cluster by the agent of its leader', async () => {
  await using steered = await startSteeredCluster({ scope: 'ha-steer' })
  const list = async () => (await steered.agentctl('-o', 'tsv', 'ha', 'list')).stdout
  await waitFor(
    'a primary and two standbys',
    async () => /\tprimary\trunning/.test(await list()) && (await list()).split('\tstandby\t').length === 3,
    { timeoutMs: 60_000 },
  )
  const before = /(\S+)\t(m\d)\tprimary/.exec(await list())!
  const switched = await steered.agentctl('ha', 'switchover', 'ha-steer', '--yes', '--reason', 'a drill')
  expect(switched.stderr + switched.stdout).toContain('nothing speaks against it')
  expect(switched.stdout).toMatch(/Successfully switched over to "m\d"; nobody led for \d+\.\d s/)
  expect(switched.status).toBe(0)
  await waitFor(
    'the new primary',
    async () => {
      const after = /(\S+)\t(m\d)\tprimary/.exec(await list())
      return after !== null && after[2] !== before[2]
    },
    { timeoutMs: 30_000 },
  )
  const primary = /(\S+)\t(m\d)\tprimary/.exec(await list())![1]!
  for (const [command, reason] of [
    ['restart', 'is the primary'],
    ['reinit', "its data are the cluster's"],
  ] as const) {
    const refused = await steered.agentctl('ha', command, 'ha-steer', primary, '--yes')
    expect(refused.status, command).toBe(3)
    expect(refused.stderr).toContain(reason)
  }
})
