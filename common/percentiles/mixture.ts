import { partUpTo } from './shape.ts'
import type { Shape } from './shape.ts'

/** How far the logarithm of an estimate may be off. */
const closeEnough = 1e-6

/**
 * The duration that a part of all calls did not exceed, by bisection of the mixture of all shapes: percentiles of parts cannot be
 * averaged.
 * @param shapes at least one
 */
export function mixturePercentile(shapes: readonly Shape[], quantile: number): number {
  let calls = 0
  let low = Infinity
  let high = 0
  for (const shape of shapes) {
    calls += shape.calls
    const from = quantileBound(shape, -8)
    const to = quantileBound(shape, 8)
    if (from < low) low = from
    if (to > high) high = to
  }
  const wanted = quantile * calls
  // Logarithms need something to begin with.
  let a = Math.log(Math.max(low, 1e-12))
  let b = Math.log(Math.max(high, 1e-12))
  while (b - a > closeEnough) {
    const middle = (a + b) / 2
    let found = 0
    const seconds = Math.exp(middle)
    for (const shape of shapes) found += shape.calls * partUpTo(shape, seconds)
    if (found >= wanted) b = middle
    else a = middle
  }
  return Math.min(high, Math.max(low, Math.exp(b)))
}

/** Beyond it there is as good as nothing of the shape. */
function quantileBound(shape: Shape, sigmas: number): number {
  if (shape.sigma < 1e-9) return shape.mean
  return Math.min(shape.max, Math.max(shape.min, Math.exp(shape.mu + sigmas * shape.sigma)))
}
