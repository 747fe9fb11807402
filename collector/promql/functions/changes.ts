import type { FunctionImplementation } from '../evaluate/query.ts'
import { dropNames } from '../evaluate/series-merge.ts'
import { slideWindows } from '../evaluate/slide-windows.ts'
import type { WindowFunction } from '../evaluate/slide-windows.ts'
import { withAnchor } from './edges.ts'
import { rangeArgument } from './implement.ts'

function counting(differs: (previous: number, value: number) => boolean): FunctionImplementation {
  const count: WindowFunction = ({ values }, from, to) => {
    let found = 0
    for (let i = from + 1; i < to; i++) if (differs(values[i - 1]!, values[i]!)) found++
    return found
  }
  return async (input) => {
    const range = rangeArgument(input)
    if (range.edges !== undefined) {
      return dropNames(await withAnchor(range, count, input.query), input.query)
    }
    return dropNames(await slideWindows(range, 1, () => count, input.query), input.query)
  }
}

/** How often a series changed. */
export const changeFunctions: Readonly<Record<string, FunctionImplementation>> = {
  changes: counting((previous, value) => value !== previous && !(value !== value && previous !== previous)),
  resets: counting((previous, value) => value < previous),
}
