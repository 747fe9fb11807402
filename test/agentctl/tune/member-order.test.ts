import { expect, test } from 'vitest'
import { orderMembers } from '../../../agentctl/tune/member-order.ts'
import type { TunePlan } from '../../../common/tuning/tune-plan.ts'
import { memberCalled, planned, planWith } from './made-up.ts'

const cluster = (settings: TunePlan['settings'], more: Partial<TunePlan> = {}) => [
  { node: memberCalled('pg-main-1', 'primary'), plan: planWith(settings, more) },
  { node: memberCalled('pg-main-2'), plan: planWith(settings, more) },
  { node: memberCalled('pg-main-3'), plan: planWith(settings, more) },
]
const order = (members: ReturnType<typeof cluster>) =>
  orderMembers(members).members.map(({ node }) => node.node)
const standbysFirst = ['pg-main-2', 'pg-main-3', 'pg-main-1']

test('what rises and a standby may not have less of is changed on the standbys first', () => {
  expect(order(cluster([planned('max_connections', '100', '300')]))).toEqual(standbysFirst)
})

test('what falls is changed on the primary first', () => {
  const members = cluster([planned('max_connections', '300', '100')])
  expect(order(members)).toEqual(['pg-main-1', 'pg-main-2', 'pg-main-3'])
  expect(orderMembers(members).why).toBe('the primary first, since max_connections falls')
})

test('anything else is tried on the standbys first', () => {
  expect(order(cluster([planned('work_mem', '16MB', '4MB')]))).toEqual(standbysFirst)
})

test('what rises and what falls together has no order', () => {
  const settings = [planned('max_connections', '100', '300'), planned('max_wal_senders', '20', '10')]
  expect(() => order(cluster(settings))).toThrow(
    'max_connections rises, which standbys take first, and max_wal_senders falls',
  )
})

test('where nobody knows the primary, nothing that has an order is changed', () => {
  const members = cluster([planned('max_connections', '100', '300')]).map((one) => ({
    ...one,
    node: { ...one.node, role: null },
  }))
  expect(() => order(members)).toThrow('nobody knows which member is the primary')
})

test('a standby that would have less than its primary is refused', () => {
  const [primary, ...standbys] = cluster([planned('max_connections', '100', '300')])
  const late = { ...standbys[1]!, plan: planWith([planned('work_mem', '4MB', '8MB')]) }
  expect(() => order([primary!, standbys[0]!, late])).toThrow(
    'max_connections would be 300 on the primary, and less or as it is now on pg-main-3',
  )
})

test('what Patroni keeps for all is changed once, by the primary', () => {
  expect(order(cluster([planned('max_connections', '100', '300')], { by: 'keeper' }))).toEqual(['pg-main-1'])
})
