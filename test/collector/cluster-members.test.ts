import { expect, test } from 'vitest'
import { clusterMembers } from '../../collector/cluster-members.ts'

const server = (name: string, kind = 'postgres') => ({ server: name, kind })

test('members are those that report, and those that were named by an agent that is away', () => {
  const parts = {
    nodes: [
      { servers: [server('pg-main-1'), server('pg-main-1', 'pgbouncer')] },
      { servers: [server('pg-main-2'), server('pg-other-1'), server('pg-main-extra-1')] },
    ],
    reported: [{ server: 'pg-main-1', role: 'primary' as const }],
  }
  expect(clusterMembers('pg-main', parts)).toEqual([
    { server: 'pg-main-1', role: 'primary' },
    { server: 'pg-main-2', role: 'unknown' },
  ])
})
