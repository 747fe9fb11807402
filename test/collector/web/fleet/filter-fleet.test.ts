import { expect, test } from 'vitest'
import { countLevels, filterFleet } from '../../../../collector/web/fleet/filter-fleet.ts'
import { fleetClusters } from '../../../../collector/web/fleet/fleet-clusters.ts'
import { judged, someCluster, someMember } from './some-cluster.ts'

const fleet = fleetClusters(
  [
    someCluster('pg-main'),
    someCluster('pg-shop', { status: 'degraded', judgements: [judged('warning', 'replication lags')] }),
    someCluster('other', { members: [someMember('other-1', 'primary', { ip: '192.168.7.9' })] }),
  ],
  [],
  [],
  0,
)
const found = (text: string, level: 'ok' | 'warning' | null = null): string[] =>
  filterFleet(fleet, text, level).map(({ cluster }) => cluster)

test.each([
  ['', ['pg-shop', 'other', 'pg-main']],
  ['PG-', ['pg-shop', 'pg-main']],
  ['main-2', ['pg-main']],
  ['192.168.7', ['other']],
  ['pg lags', ['pg-shop']],
  ['pg nothing', []],
])('"%s" finds %j', (text, clusters) => expect(found(text)).toEqual(clusters))

test('a level narrows it further', () => {
  expect(found('pg', 'ok')).toEqual(['pg-main'])
  expect([...countLevels(fleet)]).toEqual([
    ['critical', 0],
    ['unknown', 0],
    ['warning', 1],
    ['ok', 2],
  ])
})
