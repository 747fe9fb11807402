import { describe, expect, test } from 'vitest'
import { scheduleOf } from '../../../../agent/backup/policy/schedule.ts'
import type { ScheduledSlot } from '../../../../agent/backup/policy/schedule.ts'

const hour = 3_600_000
const at = (text: string): number => Date.parse(text)
const shown = (slots: readonly ScheduledSlot[]): readonly string[] =>
  slots.map(({ operation, slotMs }) => `${operation} ${new Date(slotMs).toISOString().slice(0, 16)}Z`)

const weekly = scheduleOf({
  schedules: { full: '0 1 * * sun', diff: '0 1 * * *', incr: '0 */6 * * *', drill: '0 1 * * sun' },
  timeZone: 'UTC',
  windowMs: 6 * hour,
})

describe('the slot that is open', () => {
  test('is the newest moment of each operation, from that moment on', () => {
    expect(shown(weekly.open(at('2026-11-24T01:00:00Z')))).toEqual([
      'diff 2026-11-24T01:00Z',
      'incr 2026-11-24T00:00Z',
    ])
    expect(shown(weekly.open(at('2026-11-24T00:59:59.999Z')))).toEqual(['incr 2026-11-24T00:00Z'])
  })

  test('closes when its window is over', () => {
    expect(shown(weekly.open(at('2026-11-24T06:59:59.999Z')))).toContain('diff 2026-11-24T01:00Z')
    expect(shown(weekly.open(at('2026-11-24T07:00:00Z')))).toEqual(['incr 2026-11-24T06:00Z'])
  })

  test('closes at the next moment where that comes before the end of the window', () => {
    const hourly = scheduleOf({ schedules: { full: '0 * * * *' }, timeZone: 'UTC', windowMs: 6 * hour })
    const [slot] = hourly.open(at('2026-11-24T01:30:00Z'))
    expect(slot?.closesMs).toBe(at('2026-11-24T02:00:00Z'))
  })

  test('is of the fuller kind alone where two kinds have one moment; a drill is of another kind', () => {
    expect(shown(weekly.open(at('2026-11-29T01:30:00Z')))).toEqual([
      'full 2026-11-29T01:00Z',
      'incr 2026-11-29T00:00Z',
      'drill 2026-11-29T01:00Z',
    ])
  })

  test('is the earlier one again after a clock that jumped back', () => {
    expect(shown(weekly.open(at('2026-11-24T01:10:00Z')))).toContain('diff 2026-11-24T01:00Z')
    expect(shown(weekly.open(at('2026-11-23T02:00:00Z')))).toContain('diff 2026-11-23T01:00Z')
  })

  test('without schedules there is none', () => {
    const none = scheduleOf({ schedules: {}, timeZone: 'UTC', windowMs: hour })
    expect([none.open(0), none.next(0), none.closed(0, 1e12, 9)]).toEqual([[], [], []])
  })
})

describe('the next moments', () => {
  test('come the soonest first, and never now', () => {
    expect(shown(weekly.next(at('2026-11-28T12:00:00Z')))).toEqual([
      'incr 2026-11-28T18:00Z',
      'full 2026-11-29T01:00Z',
      'drill 2026-11-29T01:00Z',
      'diff 2026-11-30T01:00Z',
    ])
  })

  test('between two moments are listed in their order, as far as the limit', () => {
    const [from, to] = [at('2026-11-28T12:00:00Z'), at('2026-11-29T06:00:00Z')]
    expect(shown(weekly.between(from, to, 100))).toEqual([
      'incr 2026-11-28T18:00Z',
      'incr 2026-11-29T00:00Z',
      'full 2026-11-29T01:00Z',
      'drill 2026-11-29T01:00Z',
      'incr 2026-11-29T06:00Z',
    ])
    expect(weekly.between(from, to, 2)).toHaveLength(2)
  })

  test('day of month and day of week are alternatives when both are given', () => {
    const either = scheduleOf({ schedules: { full: '0 1 1 * mon' }, timeZone: 'UTC', windowMs: hour })
    expect(shown(either.between(at('2026-11-29T00:00:00Z'), at('2026-12-07T12:00:00Z'), 9))).toEqual([
      'full 2026-11-30T01:00Z',
      'full 2026-12-01T01:00Z',
      'full 2026-12-07T01:00Z',
    ])
  })
})

describe('the clocks of the time zone', () => {
  const inZurich = (full: string) =>
    scheduleOf({ schedules: { full }, timeZone: 'Europe/Zurich', windowMs: 6 * hour })

  test('01:00 is another moment in summer than in winter', () => {
    const nightly = inZurich('0 1 * * *')
    expect(shown(nightly.next(at('2026-07-01T12:00:00Z')))).toEqual(['full 2026-07-01T23:00Z'])
    expect(shown(nightly.next(at('2026-12-01T12:00:00Z')))).toEqual(['full 2026-12-02T00:00Z'])
  })

  test('a time that the clocks leap over is the first moment after it', () => {
    const spring = inZurich('30 2 * * *')
    expect(shown(spring.between(at('2026-03-28T12:00:00Z'), at('2026-03-30T12:00:00Z'), 9))).toEqual([
      'full 2026-03-29T01:00Z',
      'full 2026-03-30T00:30Z',
    ])
    expect(shown(spring.open(at('2026-03-29T01:00:00Z')))).toEqual(['full 2026-03-29T01:00Z'])
  })

  test('a time that comes twice is one slot, its first', () => {
    const autumn = inZurich('30 2,14 * * *')
    expect(shown(autumn.between(at('2026-10-24T22:00:00Z'), at('2026-10-25T22:00:00Z'), 9))).toEqual([
      'full 2026-10-25T00:30Z',
      'full 2026-10-25T13:30Z',
    ])
    expect(shown(autumn.open(at('2026-10-25T01:30:00Z')))).toEqual(['full 2026-10-25T00:30Z'])
  })

  test('each hour has its slot, also the one that comes twice', () => {
    const hourly = inZurich('0 * * * *')
    expect(hourly.between(at('2026-10-24T22:00:00Z'), at('2026-10-25T22:00:00Z'), 99)).toHaveLength(24)
  })
})

describe('slots that closed', () => {
  test('are told once by questions that follow each other', () => {
    const told: string[] = []
    let last = at('2026-11-23T00:30:00Z')
    for (const end = at('2026-11-25T00:30:00Z'); last < end; last += 7 * 60_000) {
      told.push(...shown(weekly.closed(last, last + 7 * 60_000, 50)))
    }
    expect(told.toSorted()).toEqual([
      'diff 2026-11-23T01:00Z',
      'diff 2026-11-24T01:00Z',
      'incr 2026-11-23T00:00Z',
      'incr 2026-11-23T06:00Z',
      'incr 2026-11-23T12:00Z',
      'incr 2026-11-23T18:00Z',
      'incr 2026-11-24T00:00Z',
      'incr 2026-11-24T06:00Z',
      'incr 2026-11-24T12:00Z',
      'incr 2026-11-24T18:00Z',
    ])
  })

  test('of an outage are all told at its end, the earliest first', () => {
    const closed = weekly.closed(at('2026-11-24T00:30:00Z'), at('2026-11-26T00:30:00Z'), 50)
    expect(shown(closed).filter((one) => one.startsWith('diff'))).toEqual([
      'diff 2026-11-24T01:00Z',
      'diff 2026-11-25T01:00Z',
    ])
  })

  test('are none after a clock that jumped back', () => {
    expect(weekly.closed(at('2026-11-26T00:30:00Z'), at('2026-11-24T00:30:00Z'), 50)).toEqual([])
  })

  test('are the last ones of each operation after a clock that jumped a year ahead', () => {
    const closed = weekly.closed(at('2026-01-01T00:00:00Z'), at('2027-01-01T12:00:00Z'), 2)
    expect(shown(closed)).toEqual([
      'full 2026-12-20T01:00Z',
      'drill 2026-12-20T01:00Z',
      'full 2026-12-27T01:00Z',
      'drill 2026-12-27T01:00Z',
      'diff 2026-12-31T01:00Z',
      'incr 2027-01-01T00:00Z',
      'diff 2027-01-01T01:00Z',
      'incr 2027-01-01T06:00Z',
    ])
  })
})
