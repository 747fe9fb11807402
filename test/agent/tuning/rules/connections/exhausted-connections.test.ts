import { describe, expect, test } from 'vitest'
import { exhaustedConnections } from '../../../../../agent/tuning/rules/connections/exhausted-connections.ts'
import { GB } from '../../recommend/some-machine.ts'
import { inputOf, saidBy, silent } from '../made-up.ts'
import type { MadeUp } from '../made-up.ts'

/** Of 100 connections 97 are for clients. Unless told, most of them do nothing; the machine has 4 processors. */
const said = (used: number, of: MadeUp = {}) =>
  saidBy(exhaustedConnections, {
    ...of,
    gauges: {
      'activity.client_backends': used,
      'activity.active': 8,
      'activity.idle': 70,
      'activity.idle_in_transaction': 2,
      ...of.gauges,
    },
  })
const busy = { 'activity.active': 60, 'activity.idle': 20 }

test('up to 80 % of the places there is room', () => {
  expect(said(77)).toEqual(silent)
  expect(said(78)).not.toEqual(silent)
})

test('what is reserved is no place for clients', () => {
  expect(said(77, { settings: { reserved_connections: '5' } })).not.toEqual(silent)
})

describe('of sessions that mostly do nothing', () => {
  test('a pooler is what helps, and not more of them', () => {
    const { values, notes } = said(90)
    expect(values).toEqual({})
    expect(notes).toEqual([
      '90 of 97 connections were in use (3 more are reserved), while 8 at most ran something and 88 % did nothing: put pgBouncer in front, with pools of about 9 connections together (2 for each of 4 processors and one, or as many as are active); more of max_connections would only hold more idle sessions',
    ])
  })

  test('that clients were turned away is told', () => {
    expect(said(97).notes[0]).toContain('so that clients were turned away')
    expect(said(96).notes[0]).not.toContain('turned away')
  })

  test('those that have done nothing for an hour can be ended, when they are half of them', () => {
    const longIdle = (count: number) => ({ roleSessions: [{ role: 'app', sessions: 80, longIdle: count }] })
    expect(said(90, { details: longIdle(44) }).values).toEqual({})
    expect(said(90, { details: longIdle(45) }).values).toEqual({ idle_session_timeout: '1h' })
    expect(said(90, { details: longIdle(45), settings: { idle_session_timeout: '1d' } }).values).toEqual({})
  })
})

describe('of sessions that are at work', () => {
  test('a quarter more are let in', () => {
    const { drafts } = exhaustedConnections.advise(
      inputOf({ gauges: { 'activity.client_backends': 97, 'activity.idle_in_transaction': 0, ...busy } }),
    )
    expect(drafts).toMatchObject([{ parameter: 'max_connections', proposed: '125', takesMemory: true }])
    expect(drafts[0]?.reason).toBe(
      '97 of 97 connections were in use (3 more are reserved), so that clients were turned away, and up to 60 ran something at once',
    )
  })

  test('more than two active for each processor are at work, however many are idle', () => {
    expect(said(90, { gauges: { 'activity.active': 9 } }).values).toEqual({ max_connections: '125' })
  })

  test('so they are when no more than 60 % are idle', () => {
    expect(said(90, { gauges: { 'activity.active': 8, 'activity.idle': 15 } }).values).toEqual({
      max_connections: '125',
    })
    expect(said(90, { gauges: { 'activity.active': 8, 'activity.idle': 16 } }).values).toEqual({})
  })

  test('400 are the most without a pooler, and what is there stays', () => {
    const at = (count: string, used: number) =>
      said(used, { gauges: busy, settings: { max_connections: count }, machine: { memoryBytes: 64 * GB } })
    expect(at('380', 370).values).toEqual({ max_connections: '400' })
    for (const count of ['400', '1000']) {
      expect(at(count, Number(count) - 5)).toMatchObject({
        values: {},
        notes: [expect.stringContaining('put pgBouncer in front')],
      })
    }
  })

  test('they have to fit into the memory', () => {
    const full = said(90, { gauges: busy, machine: { memoryBytes: GB } })
    expect(full).toMatchObject({ values: {}, notes: [expect.stringContaining('with 125 connections')] })
  })
})
