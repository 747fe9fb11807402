import { labelSet, metricNameLabel } from '../../../common/series/label-set.ts'
import type { LabelSet } from '../../../common/series/label-set.ts'
import type { FunctionImplementation } from '../evaluate/query.ts'
import { slideWindows } from '../evaluate/slide-windows.ts'
import { allocateVector } from '../evaluate/values.ts'
import type { Vector } from '../evaluate/values.ts'
import { unwrap } from '../syntax/ast.ts'
import type { Expression } from '../syntax/ast.ts'
import { rangeArgument, vectorArgument } from './implement.ts'

/** The labels that an absent series would have for certain: those a selector asks for once and by equality. */
function labelsOfSelector(expression: Expression): LabelSet {
  const inner = unwrap(expression)
  const selector = inner.kind === 'range' ? inner.selector : inner
  if (selector.kind !== 'selector') return []
  const certain: Record<string, string> = Object.create(null) as Record<string, string>
  for (const { name, operator, value } of selector.matchers) {
    const once = selector.matchers.filter((other) => other.name === name).length === 1
    if (operator === '=' && once && name !== metricNameLabel) certain[name] = value
  }
  return labelSet(certain)
}

function absentSteps(vector: Vector, expression: Expression): Vector {
  const { steps, present } = vector
  const out = allocateVector([labelsOfSelector(expression)], steps)
  out.values.fill(1)
  out.present.fill(1)
  for (let cell = 0; cell < present.length; cell++) if (present[cell] === 1) out.present[cell % steps] = 0
  return out
}

/** 1 where a vector is empty. */
export const absentFunctions: Readonly<Record<string, FunctionImplementation>> = {
  absent: (input) => absentSteps(vectorArgument(input), input.call.args[0]!),
  absent_over_time: async (input) => {
    const found = await slideWindows(rangeArgument(input), 1, () => () => 1, input.query)
    return absentSteps(found, input.call.args[0]!)
  },
}
