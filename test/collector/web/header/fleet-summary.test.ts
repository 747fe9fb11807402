import { expect, test } from 'vitest'
import { fleetHealth } from '../../../../collector/web/fleet/health.ts'
import { fleetSummary } from '../../../../collector/web/header/fleet-summary.ts'
import { fakeNode } from '../fake-collector.ts'

const summary = (...nodes: Parameters<typeof fleetHealth>[0]): string =>
  fleetSummary(fleetHealth(nodes, new Map(), Date.now()))

test('a healthy fleet is said to be well', () => {
  expect(summary(fakeNode('a-1', 'primary'))).toBe('1 cluster, 1 node: all well')
})

test('troubles are counted, and clusters in trouble as a whole are named', () => {
  expect(
    summary(
      fakeNode('a-1', 'primary', { up: false }),
      fakeNode('a-2', 'standby'),
      fakeNode('b-1', 'primary', { connected: false }),
    ),
  ).toBe('2 clusters, 3 nodes: 1 node critical, 1 node with warnings, trouble in a')
})
