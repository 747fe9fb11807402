import { describe, expect, test } from 'vitest'
import { checkExclusive, parseTarget } from '../../../../agent/backup/restore/parse-target.ts'

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

test.each([{ immediate: true }, {}, { name: 'before the accident' }])(
  'there is no point just before %j, which is refused with why',
  (target) => {
    expect(() => checkExclusive(parseTarget(target))).toThrow(
      /^exclusive: .*; allowed: with a time, xid or lsn$/,
    )
  },
)

test.each([{ xid: '742' }, { lsn: '0/3000060' }, { time: '2026-11-23 10:00:00+00' }])(
  'a restore may end just before %j',
  (target) => {
    expect(() => checkExclusive(parseTarget(target))).not.toThrow()
  },
)
