import type { Matcher } from '../../../common/series/matcher.ts'
import type { SelectLimits } from '../../../common/series/select-limits.ts'
import { deletedRefs } from './deletion/deleted-refs.ts'
import { slotOverlaps } from './head/read-head.ts'
import { slotAt } from './head/slot-map.ts'
import { createRefSet } from './index/ref-set.ts'
import type { SeriesIndex } from './index/series-index.ts'
import { createPace, watched } from './pace.ts'
import type { Pace } from './pace.ts'
import { askBlock, findInBlock, sourcesOf, withStableBlocks } from './sources.ts'
import type { Source } from './sources.ts'
import type { StoreState } from './state.ts'

/** Which series a question is about: those that any of the selectors matches, all when there is none. */
export interface Scope {
  readonly selectors: readonly (readonly Matcher[])[]
  readonly fromMs: number
  readonly toMs: number
  readonly limits: SelectLimits
  /** Blocks are left out. */
  readonly headOnly?: boolean
}

/**
 * Series of one source, and whether one of them reaches into the range by its first and last sample. Of a block only
 * those that the scope's selectors match.
 */
export interface Candidates {
  readonly source: Source
  readonly series: SeriesIndex
  readonly isActive: (ref: number) => boolean
  readonly pace: Pace
}

const refsPerLook = 64

/** What can be said of a block without its series being found; false when it is to be visited. */
export type AnswerFromBlock = (source: Source & { kind: 'block' }, pace: Pace) => Promise<boolean>

/** Goes through the sources of a scope, one after the other. Errors are those of the visitor and of reading. */
export function visitSources(
  state: StoreState,
  { selectors, fromMs, toMs, limits, headOnly = false }: Scope,
  begin: (sources: readonly Source[]) => (candidates: Candidates) => Promise<void>,
  answer: AnswerFromBlock = () => Promise.resolve(false),
): Promise<void> {
  return withStableBlocks(async () => {
    const pace = watched(createPace(state.options.clock), limits.signal)
    const all = sourcesOf(state, fromMs, toMs)
    const sources = headOnly ? all.filter(({ kind }) => kind === 'window') : all
    const visit = begin(sources)
    for (const source of sources) {
      if (source.kind === 'window') {
        const { window, slots, series, startMs } = source
        const gone = await deletedRefs(state, series, source.deleted, pace)
        const isActive = (ref: number): boolean => {
          const slot = slotAt(slots, ref)
          return (
            slot >= 0 && !gone.has(ref) && slotOverlaps(window.head, slot, fromMs - startMs, toMs - startMs)
          )
        }
        await visit({ source, series, isActive, pace })
      } else if (!(await answer(source, pace))) {
        const found = await findInBlock(state, source, selectors, pace)
        if (found === undefined) continue
        const { numbers, series } = found
        const active = await askBlock(state, source.block, (reader) =>
          reader.active(source.block, numbers, fromMs, toMs, pace),
        )
        if (active === undefined) continue
        await visit({ source, series, isActive: (ref) => active[ref] === 1, pace })
      }
    }
  })
}

/** Ascending refs of the candidates that any selector matches, active or not. */
export async function matching(
  state: StoreState,
  { series, pace }: Candidates,
  selectors: Scope['selectors'],
): Promise<Uint32Array> {
  if (selectors.length === 0) return await state.selector.select(series, [], pace)
  if (selectors.length === 1) return await state.selector.select(series, selectors[0]!, pace)
  const { count } = series
  const all = createRefSet(count)
  for (const matchers of selectors) {
    const refs = await state.selector.select(series, matchers, pace)
    for (let i = 0; i < refs.length; i++) {
      // Series may have been added since.
      if (refs[i]! < count) all.add(refs[i]!)
      if (i % refsPerLook === 0 && pace.due()) await pace.rest()
    }
  }
  return await all.toArray(pace)
}
