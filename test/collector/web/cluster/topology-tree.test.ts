import { describe, expect, test } from 'vitest'
import { topologyTree } from '../../../../collector/web/cluster/topology-tree.ts'
import type { TreeNode } from '../../../../collector/web/cluster/topology-tree.ts'
import { someMember, someView } from './some-view.ts'

/** `a(b(c),d)`: who stands below whom. */
const shape = (trees: readonly TreeNode[]): string =>
  trees
    .map(({ member, standbys }) =>
      standbys.length === 0 ? member.server : `${member.server}(${shape(standbys)})`,
    )
    .join(',')

const listed = {
  clientAddress: null,
  state: 'streaming',
  syncState: 'sync',
  sentLagBytes: 0,
  flushLagBytes: 0,
  replayLagBytes: 8192,
  replayLagSeconds: 0.4,
}

describe('the topology', () => {
  test('is the primary, its standbys, and theirs', () => {
    const members = [
      someMember('pg-3', 'pg-2'),
      someMember('pg-10', 'pg-1'),
      someMember('pg-2', 'pg-1'),
      someMember('pg-1', null),
    ]
    expect(shape(topologyTree(someView(members)))).toBe('pg-1(pg-2(pg-3),pg-10)')
  })

  test('has members apart that follow nobody here', () => {
    const members = [
      someMember('pg-4', 'elsewhere'),
      someMember('pg-1', null),
      someMember('pg-2', 'pg-1'),
      someMember('pg-3', null, {}, { role: 'unknown' }),
    ]
    expect(shape(topologyTree(someView(members)))).toBe('pg-1(pg-2),pg-3,pg-4')
  })

  test('shows everybody once, also in a ring', () => {
    const members = [someMember('pg-1', 'pg-2'), someMember('pg-2', 'pg-1')]
    expect(shape(topologyTree(someView(members)))).toBe('pg-1(pg-2)')
  })

  test('tells of an edge what the sender says', () => {
    const sender = someMember('pg-1', null, { standbys: [{ ...listed, applicationName: 'pg-2' }] })
    const standby = someMember('pg-2', 'pg-1', { replayLagBytes: 1, replayLagSeconds: 0 })
    const [tree] = topologyTree(someView([sender, standby]))
    expect(tree?.standbys[0]?.edge).toEqual({
      state: 'streaming',
      sync: 'sync',
      lagBytes: 8192,
      lagSeconds: 0,
      slot: null,
    })
  })

  test('does not call an edge streaming that nobody sees', () => {
    const [tree] = topologyTree(someView([someMember('pg-1', null), someMember('pg-2', 'pg-1')]))
    expect(tree?.standbys[0]?.edge?.state).toBeNull()
  })
})
