import { expect, test } from 'vitest'
import { watchPromotion } from '../../../../agent/backup/runs/watch-promotion.ts'
import { healthOf, upstream } from './health-of.ts'

const aStandby = healthOf({ role: 'standby', upstream: upstream() })

function watched() {
  let nowMs = 1_000
  const since = watchPromotion({ monotonic: () => nowMs })
  return { since, pass: (ms: number) => (nowMs += ms) }
}

test('a primary that was one when it was seen first was not promoted', () => {
  const { since, pass } = watched()
  expect(since(undefined)).toBe(Infinity)
  expect(since(healthOf())).toBe(Infinity)
  pass(5_000)
  expect(since(healthOf())).toBe(Infinity)
})

test('a standby that becomes the primary was promoted then, also when it does not answer for a while', () => {
  const { since, pass } = watched()
  since(aStandby)
  since(healthOf({ state: 'hung', role: null }))
  expect(since(healthOf())).toBe(0)
  pass(5_000)
  expect(since(healthOf({ state: 'hung', role: null }))).toBe(5_000)
  expect(since(healthOf())).toBe(5_000)
})

test('so does a primary that was the standby in between, unseen, or was restarted: its standbys follow anew', () => {
  const { since } = watched()
  since(healthOf())
  expect(since(healthOf({ timeline: 7 }))).toBe(0)
  const restarted = watched()
  restarted.since(healthOf({ postmasterStartMs: 1_000 }))
  expect(restarted.since(healthOf({ postmasterStartMs: 2_000 }))).toBe(0)
})
