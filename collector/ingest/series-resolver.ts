import { checkedLabelSet } from '../../common/series/label-rules.ts'
import type { LabelLimits } from '../../common/series/label-rules.ts'
import type { LabelSet } from '../../common/series/label-set.ts'
import type { ExpectedLabels } from '../../common/wire/remote-write-decode.ts'
import { parseLabels } from '../../common/wire/remote-write-labels.ts'
import { withExtraLabels } from './extra-labels.ts'
import type { ExtraLabels } from './extra-labels.ts'
import { refusedAs } from './refusals.ts'
import type { SeriesCache } from './series-cache.ts'

export interface SeriesResolverOptions {
  readonly seriesRef: (labels: LabelSet) => number
  readonly refGeneration?: (() => number) | undefined
  readonly cache: SeriesCache
  readonly labelLimits?: LabelLimits | undefined
}

/** Encoded labels to a reference, or to a negative number that says why the series is refused. */
export type ResolveLabels = (bytes: Uint8Array, from: number, to: number) => number

export interface SeriesResolver {
  /** Call with the bytes of each request. Between it and the append of its samples nothing may be awaited. */
  start(bytes: Uint8Array, extra?: ExtraLabels): ResolveLabels
  /** See SeriesCache.expected(); for requests without extra labels. */
  readonly expected: ExpectedLabels
}

/** References of encoded labels, from the cache or the store. */
export function createSeriesResolver(options: SeriesResolverOptions): SeriesResolver {
  const { cache } = options
  let generation = options.refGeneration?.()

  const refOf = (labels: LabelSet | ReturnType<typeof parseLabels>): number => {
    if (typeof labels === 'string') return refusedAs(labels)
    const ref = options.seriesRef(labels)
    return ref < 0 ? refusedAs('series_limit') : ref
  }
  const resolve: ResolveLabels = (bytes, from, to) => {
    const known = cache.get(bytes, from, to)
    if (known !== undefined) return known
    const ref = refOf(parseLabels(bytes.subarray(from, to), options.labelLimits))
    cache.add(bytes, from, to, ref)
    return ref
  }
  /** The same encoded labels mean another series, so their key begins with what is added to them. */
  const resolveWith = (extra: ExtraLabels): ResolveLabels => {
    const prefix = Buffer.from(`\0${extra.join('\0')}\0`)
    return (bytes, from, to) => {
      const key = Buffer.concat([prefix, bytes.subarray(from, to)])
      const known = cache.get(key, 0, key.length)
      if (known !== undefined) return known
      const parsed = parseLabels(bytes.subarray(from, to), options.labelLimits)
      const ref = refOf(
        typeof parsed === 'string'
          ? parsed
          : checkedLabelSet(withExtraLabels(parsed, extra), options.labelLimits),
      )
      cache.add(key, 0, key.length, ref)
      return ref
    }
  }
  return {
    start(bytes, extra) {
      if (options.refGeneration?.() !== generation) {
        cache.clear()
        generation = options.refGeneration?.()
      }
      cache.startRequest(bytes)
      return extra === undefined ? resolve : resolveWith(extra)
    },
    expected: (from, end) => cache.expected(from, end),
  }
}
