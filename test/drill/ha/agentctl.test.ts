import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startFleet } from '../../../testbed/fleet.ts'
import { startHaCluster } from '../../../testbed/ha/cluster.ts'
import { startMemberAgent } from '../../../testbed/ha/member-agent.ts'
import { createOwnDirectory } from '../../../testbed/own-directory.ts'
import { waitFor } from '../../../testbed/wait.ts'

test('agentctl ha switches over a cluster by the agent of its leader', async () => {
  await using cluster = await startHaCluster({ scope: 'ha-steer' })
  using directory = createOwnDirectory({ prefix: 'pgherd-ha-steer-' })
  await using fleet = await startFleet({ directory: directory.path, address: cluster.rootAddress })
  await using stack = new AsyncDisposableStack()
  for (const member of cluster.members) {
    const home = join(member.directory, 'agent')
    mkdirSync(home, { recursive: true })
    writeFileSync(join(home, 'policy.yaml'), 'rules: [{ kinds: [read, change, destructive] }]\n', {
      mode: 0o600,
    })
    const neighbours = [{ kind: 'patroni', config_file: member.patroniFile }, { kind: 'etcd' }]
    stack.use(await startMemberAgent({ fleet, cluster, member, extraConfig: { neighbours } }))
  }
  const { operator } = fleet
  const list = async () => (await operator.agentctl('-o', 'tsv', 'ha', 'list')).stdout
  await waitFor(
    'a primary and two standbys',
    async () => /\tprimary\trunning/.test(await list()) && (await list()).split('\tstandby\t').length === 3,
    { timeoutMs: 60_000 },
  )
  const before = /(\S+)\t(m\d)\tprimary/.exec(await list())!
  const switched = await operator.agentctl('ha', 'switchover', 'ha-steer', '--yes', '--reason', 'a drill')
  expect(switched.stderr + switched.stdout).toContain('nothing speaks against it')
  expect(switched.stdout).toMatch(/Successfully switched over to "m\d"; nobody led for \d+\.\d s/)
  expect(switched.status).toBe(0)
  await waitFor('the new primary', async () => {
    const after = /(\S+)\t(m\d)\tprimary/.exec(await list())
    return after !== null && after[2] !== before[2]
  })
  const refused = await operator.agentctl(
    'ha',
    'restart',
    'ha-steer',
    /(\S+)\t(m\d)\tprimary/.exec(await list())![1]!,
    '--yes',
  )
  expect(refused.status).toBe(3)
  expect(refused.stderr).toContain('is the primary')
})
