import type { FunctionImplementation } from '../evaluate/query.ts'
import { dropNames } from '../evaluate/series-merge.ts'
import { greaterOf, lesserOf } from './extremes.ts'
import { elementwise, mapValues, scalarArgument, vectorArgument } from './implement.ts'

const round: FunctionImplementation = async (input) => {
  const nearest = input.args.length > 1 ? scalarArgument(input, 1).values : undefined
  const vector = await mapValues(
    vectorArgument(input),
    (value, step) => {
      // Dividing by the inverse keeps 0.1 and its like exact where multiplying would not.
      const inverse = nearest === undefined ? 1 : 1 / nearest[step]!
      return Math.floor(value * inverse + 0.5) / inverse
    },
    input,
  )
  return dropNames(vector, input.query)
}

const clamp: FunctionImplementation = async (input) => {
  const lower = input.call.name === 'clamp_max' ? undefined : scalarArgument(input, 1).values
  const upper =
    input.call.name === 'clamp_min' ? undefined : scalarArgument(input, input.args.length - 1).values
  const vector = vectorArgument(input)
  const clamped = await mapValues(
    vector,
    (value, step) => greaterOf(lower?.[step] ?? -Infinity, lesserOf(upper?.[step] ?? Infinity, value)),
    input,
  )
  if (lower === undefined || upper === undefined) return dropNames(clamped, input.query)
  // Bounds that exclude every number leave nothing.
  const present = clamped.present.slice()
  for (let cell = 0; cell < present.length; cell++) {
    const step = cell % vector.steps
    if (upper[step]! < lower[step]!) present[cell] = 0
  }
  return dropNames({ ...clamped, present }, input.query)
}

const sign = (value: number): number => (value > 0 ? 1 : value < 0 ? -1 : value)

/** Functions of one number. */
export const mathFunctions: Readonly<Record<string, FunctionImplementation>> = {
  abs: elementwise(Math.abs),
  ceil: elementwise(Math.ceil),
  floor: elementwise(Math.floor),
  exp: elementwise(Math.exp),
  ln: elementwise(Math.log),
  log2: elementwise(Math.log2),
  log10: elementwise(Math.log10),
  sqrt: elementwise(Math.sqrt),
  sgn: elementwise(sign),
  acos: elementwise(Math.acos),
  acosh: elementwise(Math.acosh),
  asin: elementwise(Math.asin),
  asinh: elementwise(Math.asinh),
  atan: elementwise(Math.atan),
  atanh: elementwise(Math.atanh),
  cos: elementwise(Math.cos),
  cosh: elementwise(Math.cosh),
  sin: elementwise(Math.sin),
  sinh: elementwise(Math.sinh),
  tan: elementwise(Math.tan),
  tanh: elementwise(Math.tanh),
  deg: elementwise((radians) => (radians * 180) / Math.PI),
  rad: elementwise((degrees) => (degrees * Math.PI) / 180),
  round,
  clamp,
  clamp_min: clamp,
  clamp_max: clamp,
}
