import { expect, test } from 'vitest'
import { unusedConnections } from '../../../../../agent/tuning/rules/connections/unused-connections.ts'
import { saidBy, silent } from '../made-up.ts'

const said = (peak: number, hours = 30 * 24, connections = '500') =>
  saidBy(unusedConnections, {
    hours,
    gauges: { 'activity.client_backends': peak },
    settings: { max_connections: connections },
  })

test('fewer are offered where less than 30 % were needed in a month', () => {
  expect(said(150)).toEqual(silent)
  expect(said(149)).toEqual({
    values: {},
    reasons: [],
    notes: [
      '149 of 500 connections were the most in 30 days: max_connections = 230 would be half more than that, and leave more for work_mem; the primary is lowered first and standbys after it',
    ],
  })
})

test('a shorter history, or fewer than 200, say nothing', () => {
  expect(said(10, 719)).toEqual(silent)
  expect(said(10, 720, '199')).toEqual(silent)
  expect(said(10, 720, '200').notes[0]).toContain('max_connections = 100 ')
})
