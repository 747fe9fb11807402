import type { CallInput, FunctionImplementation } from '../evaluate/query.ts'
import { allocateVector } from '../evaluate/values.ts'
import type { Scalar } from '../evaluate/values.ts'
import { greaterOf, lesserOf } from './extremes.ts'
import { scalarArgument, vectorArgument } from './implement.ts'

function combine(fn: (a: number, b: number) => number): FunctionImplementation {
  return (input: CallInput): Scalar => {
    const left = scalarArgument(input, 0).values
    const right = scalarArgument(input, 1).values
    return { kind: 'scalar', values: left.map((value, k) => fn(value, right[k]!)) }
  }
}

/** Between scalars and vectors. */
export const scalarFunctions: Readonly<Record<string, FunctionImplementation>> = {
  pi: ({ grid }): Scalar => ({ kind: 'scalar', values: new Float64Array(grid.count).fill(Math.PI) }),
  vector: (input) => {
    const out = allocateVector([[]], input.grid.count)
    out.present.fill(1)
    return { ...out, values: scalarArgument(input, 0).values }
  },
  // The value of the only series; NaN where there is none or more than one.
  scalar: (input): Scalar => {
    const { labels, steps, values, present } = vectorArgument(input)
    const out = new Float64Array(steps).fill(NaN)
    const found = new Uint32Array(steps)
    for (let i = 0; i < labels.length; i++) {
      for (let k = 0; k < steps; k++) {
        if (present[i * steps + k] === 0) continue
        out[k] = found[k]!++ === 0 ? values[i * steps + k]! : NaN
      }
    }
    return { kind: 'scalar', values: out }
  },
  max_of: combine(greaterOf),
  min_of: combine(lesserOf),
}
