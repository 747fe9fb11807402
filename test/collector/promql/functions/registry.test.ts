import { expect, test } from 'vitest'
import { functions } from '../../../../collector/promql/functions/registry.ts'
import { signatures } from '../../../../collector/promql/syntax/signatures.ts'

test('every function that the parser accepts can be evaluated, and the other way round', () => {
  // The evaluator runs info() itself.
  expect([...functions.keys(), 'info'].sort()).toEqual([...signatures.keys()].sort())
})
