import { expect, test } from 'vitest'
import { queryCollector } from '../../../testbed/collector-api.ts'
import { startFleet } from '../../../testbed/fleet.ts'
import { createOwnDirectory } from '../../../testbed/own-directory.ts'
import { startHaCluster } from '../../../testbed/ha/cluster.ts'
import { freezeHost } from '../../../testbed/ha/faults.ts'
import { startMemberAgent } from '../../../testbed/ha/member-agent.ts'
import { waitFor } from '../../../testbed/wait.ts'

test('an agent on every host of a cluster reports its server and its Patroni to a collector outside', async () => {
  await using cluster = await startHaCluster({ scope: 'ha-agents' })
  using directory = createOwnDirectory({ prefix: 'pgherd-ha-agents-' })
  await using fleet = await startFleet({ directory: directory.path, address: cluster.rootAddress })
  await using stack = new AsyncDisposableStack()
  for (const member of cluster.members) {
    stack.use(await startMemberAgent({ fleet, cluster, member }))
  }
  const primary = await cluster.waitForPrimary()
  const query = (text: string) => queryCollector(fleet.collector.url, text)
  await waitFor(
    'three servers and three Patronis',
    async () => {
      const [servers, patronis] = await Promise.all([
        query('pg_up == 1'),
        query('patroni_postgres_running == 1'),
      ])
      return servers.length === 3 && patronis.length === 3
    },
    { timeoutMs: 30_000 },
  )
  const writable = await query('pg_in_recovery == 0')
  expect(writable.map(({ metric }) => metric['ip'])).toEqual([primary.address])

  // What hangs with its host is silent, and reports again when the host goes on.
  const replica = cluster.members.find((member) => member !== primary)!
  const freshAge = `time() - timestamp(pg_up{ip="${replica.address}"})`
  await using frozen = await freezeHost(replica)
  await waitFor('silence', async () => ((await query(freshAge))[0]?.points[0]?.value ?? 99) > 4, {
    timeoutMs: 30_000,
  })
  await frozen.heal()
  await waitFor('a new report', async () => ((await query(freshAge))[0]?.points[0]?.value ?? 99) < 2, {
    timeoutMs: 30_000,
  })
})
