import { describe, expect, test } from 'vitest'
import { parseTarget } from '../../../../agent/backup/restore/parse-target.ts'

describe('a point in time', () => {
  test.each([
    ['2026-11-23 10:00:00+00', '2026-11-23T10:00:00.000Z'],
    ['2026-11-23 10:00+01', '2026-11-23T09:00:00.000Z'],
    ['2026-11-23T10:00:00.25Z', '2026-11-23T10:00:00.250Z'],
    ['2026-11-23 10:00:00 UTC', '2026-11-23T10:00:00.000Z'],
    ['2026-11-23 10:00:00-0330', '2026-11-23T13:30:00.000Z'],
  ])('%s is read', (time, iso) => {
    expect(parseTarget({ time })).toEqual({ kind: 'time', atMs: Date.parse(iso), text: time })
  })
  test.each(['2026-11-23 10:00:00', 'yesterday', '2026-02-30 10:00:00+00', '2026-13-01 10:00Z', ''])(
    '"%s" is refused with what is allowed',
    (time) => {
      expect(() => parseTarget({ time })).toThrow(/allowed: a date, a time and a zone/)
    },
  )
})

test('without a target it is the end of the log', () => {
  expect(parseTarget({})).toEqual({ kind: 'latest' })
  expect(parseTarget({ immediate: false })).toEqual({ kind: 'latest' })
})

test('two targets are refused', () => {
  expect(() => parseTarget({ xid: '1', lsn: '0/1' })).toThrow('one target at most')
})
