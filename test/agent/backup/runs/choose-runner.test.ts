import { describe, expect, test } from 'vitest'
import { chooseRunner, hasLostRole } from '../../../../agent/backup/runs/choose-runner.ts'
import { healthOf, standby, upstream } from './health-of.ts'

const onPrimary = { where: 'primary', fallbackAfterMs: 600_000 } as const
const onStandby = { where: 'standby', fallbackAfterMs: 600_000 } as const
const aStandby = healthOf({ role: 'standby', server: 'pg-main-2', upstream: upstream() })

describe('where: primary', () => {
  test('the primary runs them', () => {
    expect(chooseRunner(onPrimary, healthOf(), 0)).toEqual({ isRunner: true, reason: 'it is the primary' })
  })
  test('a standby does not, however long it waits', () => {
    expect(chooseRunner(onPrimary, aStandby, 86_400_000).isRunner).toBe(false)
  })
  test.each(['hung', 'down', 'starting', 'refusing', 'unknown'] as const)(
    'a server that is %s does not',
    (state) => {
      expect(chooseRunner(onPrimary, healthOf({ state }), 0).isRunner).toBe(false)
    },
  )
  test('nobody does of whom nothing is known', () => {
    expect(chooseRunner(onPrimary, undefined, 0).isRunner).toBe(false)
  })
})

describe('where: standby', () => {
  test('the primary leaves it to a standby that streams', () => {
    const primary = healthOf({ standbys: [standby()] })
    expect(chooseRunner(onStandby, primary, 599_999).isRunner).toBe(false)
  })
  test('the primary takes over when no standby has begun for fallback_after', () => {
    const primary = healthOf({ standbys: [standby()] })
    expect(chooseRunner(onStandby, primary, 600_000)).toEqual({
      isRunner: true,
      reason: 'it is the primary, and no standby has begun',
    })
  })
  test('the primary runs them at once when no standby streams', () => {
    expect(chooseRunner(onStandby, healthOf({ standbys: [standby('catchup')] }), 0).isRunner).toBe(true)
  })
  test('one that has just become the primary waits for its standbys to follow', () => {
    const promoted = healthOf({ standbys: [] })
    expect(chooseRunner(onStandby, promoted, 86_400_000, 59_999).isRunner).toBe(false)
    expect(chooseRunner(onStandby, promoted, 86_400_000, 60_000).isRunner).toBe(true)
  })
  test('and leaves them to one that does as long as after the moment of the slot', () => {
    const promoted = healthOf({ standbys: [standby()] })
    expect(chooseRunner(onStandby, promoted, 86_400_000, 599_999).isRunner).toBe(false)
    expect(chooseRunner(onStandby, promoted, 86_400_000, 600_000).isRunner).toBe(true)
  })
  test('a standby that does not stream never runs them', () => {
    const broken = healthOf({ role: 'standby', upstream: upstream('waiting') })
    expect(chooseRunner(onStandby, broken, 86_400_000).isRunner).toBe(false)
  })
  test('standbys take turns: the one of the second place a minute later', () => {
    expect(chooseRunner(onStandby, aStandby, 59_999).isRunner).toBe(false)
    expect(chooseRunner(onStandby, aStandby, 60_000).isRunner).toBe(true)
  })
})

describe('a role that is lost', () => {
  test('is another role, or another timeline', () => {
    expect(hasLostRole(healthOf(), aStandby)).toBe(true)
    expect(hasLostRole(healthOf(), healthOf({ timeline: 2 }))).toBe(true)
  })
  test('is not a server that does not answer for a moment', () => {
    expect(hasLostRole(healthOf(), healthOf({ state: 'hung', role: null }))).toBe(false)
    expect(hasLostRole(healthOf(), undefined)).toBe(false)
  })
})
