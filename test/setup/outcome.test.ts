import { describe, expect, test } from 'vitest'
import { summary, total } from '../../setup/outcome.ts'

const skip = (test: string, why: string): { test: string; why: string } => ({ test, why })

describe('the summary of npm test', () => {
  test('adds the runs up and ends with the three counts', () => {
    const all = total([
      { passed: 10, failed: 0, retried: [], skipped: [] },
      { passed: 5, failed: 2, retried: [], skipped: [] },
    ])
    expect(summary(all)).toBe('15 passed, 2 failed, 0 skipped')
  })

  test('names what was skipped under its reason and never counts it as passed', () => {
    const all = total([
      {
        passed: 1,
        failed: 0,
        retried: [],
        skipped: [skip('a > x', 'no Chromium'), skip('b > y', 'no pgBouncer')],
      },
      { passed: 0, failed: 0, retried: [], skipped: [skip('c > z', 'no Chromium')] },
    ])
    expect(summary(all).split('\n')).toEqual([
      'skipped (no Chromium):',
      '  a > x',
      '  c > z',
      'skipped (no pgBouncer):',
      '  b > y',
      '1 passed, 0 failed, 3 skipped',
    ])
  })

  test('names what passed at the second try only', () => {
    const all = total([{ passed: 2, failed: 0, retried: ['a > x'], skipped: [] }])
    expect(summary(all).split('\n')).toEqual(['failed at first:', '  a > x', '2 passed, 0 failed, 0 skipped'])
  })
})
