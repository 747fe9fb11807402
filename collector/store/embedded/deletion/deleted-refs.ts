import type { Matcher } from '../../../../common/series/matcher.ts'
import type { SeriesIndex } from '../index/series-index.ts'
import type { Pace } from '../pace.ts'
import type { StoreState } from '../state.ts'

/** Those of a source's series that deletions have taken from it: what `deletedFrom` says, as refs. */
export async function deletedRefs(
  state: StoreState,
  series: SeriesIndex,
  deleted: readonly (readonly Matcher[])[],
  pace: Pace,
): Promise<ReadonlySet<number>> {
  const refs = new Set<number>()
  for (const matchers of deleted) {
    for (const ref of await state.selector.select(series, matchers, pace)) {
      refs.add(ref)
      if (pace.due()) await pace.rest()
    }
  }
  return refs
}

/** The refs of a source without those that deletions have taken from it. */
export async function withoutDeleted(
  state: StoreState,
  series: SeriesIndex,
  refs: Uint32Array,
  deleted: readonly (readonly Matcher[])[],
  pace: Pace,
): Promise<Uint32Array> {
  if (deleted.length === 0) return refs
  const gone = await deletedRefs(state, series, deleted, pace)
  return refs.filter((ref) => !gone.has(ref))
}
