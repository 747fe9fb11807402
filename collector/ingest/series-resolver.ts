import { checkedLabelSet } from '../../common/series/label-rules.ts'
import type { LabelLimits } from '../../common/series/label-rules.ts'
import type { LabelSet } from '../../common/series/label-set.ts'
import type { ExpectedLabels } from '../../common/wire/remote-write-decode.ts'
import { parseLabels } from '../../common/wire/remote-write-labels.ts'
import { withExtraLabels } from './extra-labels.ts'
import type { ExtraLabels } from './extra-labels.ts'
import { refusedAs } from './refusals.ts'
import type { SeriesCache } from './series-cache.ts'
import { createSeriesOwners, rememberLast } from './series-owner.ts'
import type { MayWrite } from './series-owner.ts'

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
  start(bytes: Uint8Array, extra?: ExtraLabels, mayWrite?: MayWrite): ResolveLabels
  /** See SeriesCache.expected(); for requests without extra labels. */
  readonly expected: ExpectedLabels
}

/** References of encoded labels, from the cache or the store. */
export function createSeriesResolver(options: SeriesResolverOptions): SeriesResolver {
  const { cache } = options
  let generation = options.refGeneration?.()

  const owners = createSeriesOwners()
  const foreign = refusedAs('foreign_owner')

  const knownRef = (
    key: Uint8Array,
    from: number,
    to: number,
    mayWrite: MayWrite | undefined,
  ): number | undefined => {
    const known = cache.get(key, from, to)
    if (known === undefined || known < 0 || mayWrite === undefined) return known
    const { owner } = cache
    return owner === undefined || mayWrite(owner) ? known : foreign
  }
  /** Of labels that knownRef() has just missed. */
  const newRef = (
    key: Uint8Array,
    from: number,
    to: number,
    labels: ReturnType<typeof parseLabels>,
    mayWrite: MayWrite | undefined,
  ): number => {
    if (typeof labels === 'string') {
      const ref = refusedAs(labels)
      cache.add(key, from, to, ref)
      return ref
    }
    const owner = owners.of(labels)
    // Before the store hears of it: what nobody may write makes no series, and is not remembered either.
    if (mayWrite?.(owner) === false) return foreign
    const found = options.seriesRef(labels)
    const ref = found < 0 ? refusedAs('series_limit') : found
    cache.add(key, from, to, ref, owner)
    return ref
  }
  const resolveFor =
    (mayWrite: MayWrite | undefined): ResolveLabels =>
    (bytes, from, to) =>
      knownRef(bytes, from, to, mayWrite) ??
      newRef(bytes, from, to, parseLabels(bytes.subarray(from, to), options.labelLimits), mayWrite)
  /** The same encoded labels mean another series, so their key begins with what is added to them. */
  const resolveWith = (extra: ExtraLabels, mayWrite: MayWrite | undefined): ResolveLabels => {
    const prefix = Buffer.from(`\0${extra.join('\0')}\0`)
    return (bytes, from, to) => {
      const key = Buffer.concat([prefix, bytes.subarray(from, to)])
      const known = knownRef(key, 0, key.length, mayWrite)
      if (known !== undefined) return known
      const parsed = parseLabels(bytes.subarray(from, to), options.labelLimits)
      const labels =
        typeof parsed === 'string'
          ? parsed
          : checkedLabelSet(withExtraLabels(parsed, extra), options.labelLimits)
      return newRef(key, 0, key.length, labels, mayWrite)
    }
  }
  return {
    start(bytes, extra, mayWrite) {
      if (options.refGeneration?.() !== generation) {
        cache.clear()
        generation = options.refGeneration?.()
      }
      cache.startRequest(bytes)
      const asked = mayWrite === undefined ? undefined : rememberLast(mayWrite)
      return extra === undefined ? resolveFor(asked) : resolveWith(extra, asked)
    },
    expected: (from, end) => cache.expected(from, end),
  }
}
