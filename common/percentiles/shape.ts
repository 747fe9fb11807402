import { varianceOf } from './moments.ts'
import type { Moments } from './moments.ts'
import { normalCdf } from './normal-cdf.ts'

/**
 * What the durations of some calls are taken for: lognormal with their mean and variance, and none beyond the shortest and the
 * longest. Without a variance all are the mean.
 */
export interface Shape {
  readonly calls: number
  readonly mean: number
  /** Of the logarithm. */
  readonly mu: number
  readonly sigma: number
  readonly min: number
  readonly max: number
}

/** By the method of moments; undefined without calls. */
export function shapeOf(moments: Moments): Shape | undefined {
  const { calls, sum } = moments
  if (!(calls > 0)) return undefined
  const mean = sum / calls
  const spread = mean > 0 ? Math.log1p(varianceOf(moments) / (mean * mean)) : 0
  return {
    calls,
    mean,
    mu: Math.log(mean) - spread / 2,
    sigma: Math.sqrt(spread),
    min: Math.min(moments.min ?? 0, mean),
    max: Math.max(moments.max ?? Infinity, mean),
  }
}

/** The part of the calls that took no longer, 0 to 1. */
export function partUpTo(shape: Shape, seconds: number): number {
  if (seconds < shape.min) return 0
  if (seconds >= shape.max) return 1
  if (shape.sigma < 1e-9) return seconds >= shape.mean ? 1 : 0
  return normalCdf((Math.log(seconds) - shape.mu) / shape.sigma)
}
