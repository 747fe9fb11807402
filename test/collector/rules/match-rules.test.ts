import { expect, test } from 'vitest'
import { matchRules } from '../../../collector/rules/match-rules.ts'
import { alerting, recording } from './scripted-group.ts'

test('rules are found again wherever they stand now', () => {
  const a = alerting({ name: 'A', labels: { severity: 'CRIT', team: 'dba' } })
  const sameA = alerting({ name: 'A', labels: { team: 'dba', severity: 'CRIT' } })
  expect(matchRules([a, recording()], [recording(), sameA, alerting({ name: 'B' })])).toEqual([
    1,
    0,
    undefined,
  ])
})

test('a rule with another expression, time or annotation is the same one as long as its name and labels are', () => {
  const changed = alerting({ expression: 'down > 1', forMs: 5_000, annotations: { summary: 'new' } })
  expect(matchRules([alerting()], [changed])).toEqual([0])
})

test('a rule with another name, label or kind is another one', () => {
  const others = [
    alerting({ name: 'Up' }),
    alerting({ labels: { severity: 'CRIT' } }),
    recording({ name: 'Down' }),
  ]
  expect(matchRules([alerting()], others)).toEqual([undefined, undefined, undefined])
})

test('of rules with the same name and labels each goes on as the one with its definition', () => {
  const first = alerting({ expression: 'first' })
  const second = alerting({ expression: 'second' })
  expect(matchRules([first, second], [second])).toEqual([1])
  expect(matchRules([first, second], [alerting({ expression: 'third' }), first])).toEqual([1, 0])
  expect(matchRules([first], [first, first])).toEqual([0, undefined])
})
