import type { Digests, SeriesDigest } from './digest.ts'

export interface Comparison {
  readonly series: number
  readonly samples: number
  /** NaNs that the target does not keep. */
  readonly nan: number
  /** Series of which the target has samples of its own: only that it has at least as many is known. */
  readonly more: number
  /** One line for each series that is not there as it should be. */
  readonly differences: readonly string[]
}

/** A VictoriaMetrics keeps about twelve significant digits of each value. */
const tolerance = 1e-9

/** Whether all that the source has is in the target; what else is there is not looked at. */
export function compare(source: Digests, target: Digests, isExact: boolean): Comparison {
  let [samples, nan, more] = [0, 0, 0]
  const differences: string[] = []
  for (const [key, wanted] of source) {
    const expected = isExact ? wanted.samples : wanted.samples - wanted.nan
    samples += expected
    nan += wanted.samples - expected
    const found = target.get(key)
    if ((found?.samples ?? 0) > expected) more++
    else if (expected > 0 && (found === undefined || found.samples < expected))
      differences.push(`${named(key)}: ${found?.samples ?? 0} of ${expected} samples`)
    else if (found !== undefined && !(isExact ? found.bits === wanted.bits : isNear(found, wanted)))
      differences.push(`${named(key)}: ${expected} samples, with other times or values`)
  }
  return { series: source.size, samples, nan, more, differences }
}

function isNear(found: SeriesDigest, wanted: SeriesDigest): boolean {
  if (found.times !== wanted.times || found.stale !== wanted.stale) return false
  return Math.abs(found.sum - wanted.sum) <= tolerance * Math.max(wanted.sizes, Number.MIN_VALUE)
}

function named(key: string): string {
  return key.replaceAll('\u0000', ' ').slice(0, 200)
}
