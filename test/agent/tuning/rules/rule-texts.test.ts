import { expect, test } from 'vitest'
import { rules } from '../../../../agent/tuning/rules/rules.ts'
import { ruleTexts } from '../../../../docs/tuning/rule-texts.ts'

test('each rule has an id of its own, by which the manual has it', () => {
  const ids = rules.map(({ id }) => id)
  expect(new Set(ids).size).toBe(ids.length)
  expect(Object.keys(ruleTexts).sort()).toEqual([...ids].sort())
})
