import { describe, expect, test } from 'vitest'
import type { LabelMatcher, Silence } from '../../../../common/alerts/silence.ts'
import type { Alert } from '../../../../collector/web/api/answers.ts'
import { silenceFor } from '../../../../collector/web/alerts/new-silence.ts'
import { silenceOf } from '../../../../collector/web/alerts/silenced.ts'

const alert: Alert = {
  labels: { alertname: 'PostgresDown', cls: 'pg-main', ins: 'pg-main-1', severity: 'CRIT' },
  annotations: {},
  state: 'firing',
  activeAt: '2026-11-27T10:00:00Z',
  value: '0',
}

function silence(
  matchers: readonly Partial<LabelMatcher>[],
  state: 'active' | 'expired' = 'active',
): Silence {
  return {
    id: 's',
    status: { state },
    matchers: matchers.map((one) => ({ name: 'cls', value: '', isRegex: false, isEqual: true, ...one })),
    startsAt: '',
    endsAt: '',
    updatedAt: '',
    createdBy: 'anna',
    comment: '',
  }
}

describe('an alert', () => {
  test.each<[string, readonly Partial<LabelMatcher>[], boolean]>([
    ['an equal label', [{ value: 'pg-main' }], true],
    ['another one', [{ value: 'pg-mai' }], false],
    ['a pattern of the whole label', [{ value: 'pg-.*', isRegex: true }], true],
    ['a pattern of a part of it', [{ value: 'pg', isRegex: true }], false],
    ['a label that differs', [{ value: 'x', isEqual: false }], true],
    ['one of two', [{ value: 'pg-main' }, { name: 'ins', value: 'x' }], false],
    ['an absent label as an empty one', [{ name: 'datname', value: '' }], true],
    ['a pattern that nobody can read', [{ value: '(', isRegex: true }], false],
    ['no matcher at all', [], false],
  ])('by %s', (_, matchers, isSilenced) => {
    expect(silenceOf(alert, [silence(matchers)]) !== undefined).toBe(isSilenced)
  })

  test('is told again when a silence has ended', () => {
    expect(silenceOf(alert, [silence([{ value: 'pg-main' }], 'expired')])).toBeUndefined()
  })
})

test('a silence is of what the alert is about, and of no severity', () => {
  const made = silenceFor(alert, { by: 'anna', comment: 'restart', forMs: 7_200_000 }, Date.UTC(2026, 0, 1))
  expect(made).toEqual({
    matchers: [
      { name: 'alertname', value: 'PostgresDown', isRegex: false, isEqual: true },
      { name: 'cls', value: 'pg-main', isRegex: false, isEqual: true },
      { name: 'ins', value: 'pg-main-1', isRegex: false, isEqual: true },
    ],
    startsAt: '2026-01-01T00:00:00.000Z',
    endsAt: '2026-01-01T02:00:00.000Z',
    createdBy: 'anna',
    comment: 'restart',
  })
})
