import type { CallInput, FunctionImplementation } from '../evaluate/query.ts'
import { dropNames } from '../evaluate/series-merge.ts'
import type { Scalar } from '../evaluate/values.ts'
import { mapValues, scalarArgument, vectorArgument } from './implement.ts'

/** Both numbers as unsigned 64-bit integers; fractions and signs are lost, as in MetricsQL. */
function bitwise(combine: (a: bigint, b: bigint) => bigint): FunctionImplementation {
  return async (input) => {
    const masks = scalarArgument(input, 1).values
    const toBits = (value: number): bigint => BigInt.asUintN(64, BigInt(Math.trunc(value)))
    const vector = await mapValues(
      vectorArgument(input),
      (value, step) => {
        const mask = masks[step]!
        if (!Number.isFinite(value) || !Number.isFinite(mask)) return NaN
        return Number(combine(toBits(value), toBits(mask)))
      },
      input,
    )
    return dropNames(vector, input.query)
  }
}

/** One random number per step; a seed makes them the same every time. */
function random(draw: (uniform: () => number) => number): FunctionImplementation {
  return (input: CallInput): Scalar => {
    const seed = input.args.length > 0 ? scalarArgument(input, 0).values[0]! : undefined
    const uniform = seed === undefined ? input.query.random : mulberry32(seed)
    return { kind: 'scalar', values: Float64Array.from({ length: input.grid.count }, () => draw(uniform)) }
  }
}

/** A small generator of 32 bits of state (Mulberry32, Tommy Ettinger, public domain); numbers in [0, 1). */
function mulberry32(seed: number): () => number {
  let state = Math.trunc(seed) >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Box and Muller's transform; the logarithm is of (0, 1]. */
const normal = (uniform: () => number): number =>
  Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform())

export const metricsqlMathFunctions: Readonly<Record<string, FunctionImplementation>> = {
  bitmap_and: bitwise((a, b) => a & b),
  bitmap_or: bitwise((a, b) => a | b),
  bitmap_xor: bitwise((a, b) => a ^ b),
  rand: random((uniform) => uniform()),
  rand_normal: random(normal),
  rand_exponential: random((uniform) => -Math.log(1 - uniform())),
  now: ({ grid, query }): Scalar => ({
    kind: 'scalar',
    values: new Float64Array(grid.count).fill(query.nowMs / 1000),
  }),
}
