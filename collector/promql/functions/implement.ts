import type { CallInput, FunctionImplementation } from '../evaluate/query.ts'
import { dropNames } from '../evaluate/series-merge.ts'
import { slideWindows } from '../evaluate/slide-windows.ts'
import type { WindowFunction } from '../evaluate/slide-windows.ts'
import type { RangeSeries, RangeVector, Scalar, Value, Vector } from '../evaluate/values.ts'

/* The argument types have been checked when the expression was parsed; a mismatch here is a defect. */

export function vectorArgument(input: CallInput, index = 0): Vector {
  const value = argument(input, index)
  if (value.kind !== 'vector') throw mismatch(input, index, value)
  return value
}

export function rangeArgument(input: CallInput, index = 0): RangeVector {
  const value = argument(input, index)
  if (value.kind !== 'matrix') throw mismatch(input, index, value)
  return value
}

export function scalarArgument(input: CallInput, index: number): Scalar {
  const value = argument(input, index)
  if (value.kind !== 'scalar') throw mismatch(input, index, value)
  return value
}

export function textArgument(input: CallInput, index: number): string {
  const value = argument(input, index)
  if (value.kind !== 'string') throw mismatch(input, index, value)
  return value.value
}

function argument(input: CallInput, index: number): Value {
  const value = input.args[index]
  if (value === undefined) throw new Error(`${input.call.name} has no argument ${index}`)
  return value
}

function mismatch(input: CallInput, index: number, value: Value): Error {
  return new Error(`argument ${index} of ${input.call.name} is a ${value.kind}`)
}

/** A function of each value alone; the result has no metric name. */
export function elementwise(fn: (value: number) => number): FunctionImplementation {
  return async (input) => {
    const vector = vectorArgument(input)
    return dropNames(await mapValues(vector, fn, input), input.query)
  }
}

/** Applies `fn` to every cell, series by series; `step` tells at which step the value stands. */
export async function mapValues(
  vector: Vector,
  fn: (value: number, step: number) => number,
  { query }: Pick<CallInput, 'query'>,
): Promise<Vector> {
  const { steps, values, labels } = vector
  const out = new Float64Array(values.length)
  for (let i = 0; i < labels.length; i++) {
    if (query.pacer.due()) await query.pacer.pause()
    const start = i * steps
    for (let k = 0; k < steps; k++) out[start + k] = fn(values[start + k]!, k)
  }
  return { ...vector, values: out }
}

/** A function of the samples in each window that needs `minSamples` of them. */
export function overWindows(
  fn: WindowFunction,
  options: { minSamples?: number; keepName?: boolean } = {},
): FunctionImplementation {
  return preparedOverWindows(() => fn, options)
}

/** As overWindows; `prepare` looks at each series once before its first window. */
export function preparedOverWindows(
  prepare: (samples: RangeSeries) => WindowFunction,
  { minSamples = 1, keepName = false }: { minSamples?: number; keepName?: boolean } = {},
): FunctionImplementation {
  return async (input) => {
    const vector = await slideWindows(rangeArgument(input), minSamples, prepare, input.query)
    return keepName ? vector : dropNames(vector, input.query)
  }
}
