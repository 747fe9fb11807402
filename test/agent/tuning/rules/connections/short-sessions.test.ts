import { expect, test } from 'vitest'
import { shortSessions } from '../../../../../agent/tuning/rules/connections/short-sessions.ts'
import { saidBy, silent } from '../made-up.ts'
import type { MadeUp } from '../made-up.ts'

const hour = 3600
/** In an hour. */
const said = (sessions: number, secondsEach: number, of: MadeUp = {}) =>
  saidBy(shortSessions, {
    hours: 1,
    counters: { 'database.sessions': sessions, 'database.session_time': sessions * secondsEach * 1000 },
    ...of,
  })

test('more than 20 a second ask for a pooler', () => {
  expect(said(20 * hour, 60)).toEqual(silent)
  expect(said(21 * hour, 60).notes).toEqual([
    '21.0 sessions a second begin (21.0 at the peak), and last 60.0s in the mean (pg_stat_database.sessions, session_time): a pooler, such as pgBouncer or that of the application, keeps connections and saves the making of a process for each',
  ])
})

test('so do those that last less than a minute, unless they are few', () => {
  expect(said(2 * hour, 59)).not.toEqual(silent)
  expect(said(2 * hour, 60)).toEqual(silent)
  expect(said(hour, 1)).toEqual(silent)
})

test('99 sessions, or the first hour, say nothing', () => {
  expect(said(99, 1, { hours: 0.001 })).toEqual(silent)
  expect(said(21 * hour, 1, { hoursSinceStart: 0.5 })).toEqual(silent)
})
