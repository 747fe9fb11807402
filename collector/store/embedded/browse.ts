import { PgherdError } from '../../../common/errors.ts'
import type { LabelSet } from '../../../common/series/label-set.ts'
import type { Matcher } from '../../../common/series/matcher.ts'
import type { SelectLimits } from '../storage.ts'
import type { BlockIndex } from './block/block-index.ts'
import { deletedRefs } from './deletion/deleted-refs.ts'
import { slotOverlaps } from './head/read-head.ts'
import { slotAt } from './head/slot-map.ts'
import type { RefList } from './index/postings.ts'
import { valueSymbol } from './index/series-columns.ts'
import type { SeriesIndex } from './index/series-index.ts'
import { valuesOf } from './index/series-index.ts'
import { createPace, watched } from './pace.ts'
import type { Pace } from './pace.ts'
import { sortTexts } from './sort-texts.ts'
import { indexOf, sourcesOf, unionFor, withStableBlocks } from './sources.ts'
import type { Source } from './sources.ts'
import type { StoreState } from './state.ts'

/** Which series a question is about: those that any of the selectors matches, all when there is none. */
export interface Scope {
  readonly selectors: readonly (readonly Matcher[])[]
  readonly fromMs: number
  readonly toMs: number
  readonly limits: SelectLimits
}

/** The series of one source, and whether one of them reaches into the range by its first and last sample. */
export interface Candidates {
  readonly source: Source
  readonly series: SeriesIndex
  readonly isActive: (ref: number) => boolean
  readonly pace: Pace
}

const refsPerLook = 64

/** Goes through the sources of a scope, one after the other. Errors are those of the visitor and of reading. */
export function visitSources(
  state: StoreState,
  { fromMs, toMs, limits }: Scope,
  begin: (sources: readonly Source[]) => (candidates: Candidates) => Promise<void>,
): Promise<void> {
  return withStableBlocks(async () => {
    const pace = watched(createPace(state.options.clock), limits.signal)
    const sources = sourcesOf(state, fromMs, toMs)
    const visit = begin(sources)
    for (const source of sources) {
      const from = fromMs - source.startMs
      const to = toMs - source.startMs
      if (source.kind === 'window') {
        const { window, slots, series } = source
        const gone = await deletedRefs(state, series, source.deleted, pace)
        const isActive = (ref: number): boolean => {
          const slot = slotAt(slots, ref)
          return slot >= 0 && !gone.has(ref) && slotOverlaps(window.head, slot, from, to)
        }
        await visit({ source, series, isActive, pace })
      } else {
        const index = await indexOf(state, source.block)
        if (index === undefined) continue
        const { series } = index
        const gone = await deletedRefs(state, series, source.deleted, pace)
        const isActive = (ref: number): boolean => !gone.has(ref) && reaches(index, ref, from, to)
        await visit({ source, series, isActive, pace })
      }
    }
  })
}

function reaches(index: BlockIndex, ref: number, from: number, to: number): boolean {
  const end = index.firstEntries[ref + 1]!
  for (let entry = index.firstEntries[ref]!; entry < end; entry++) {
    if (index.firsts[entry]! <= to && index.lasts[entry]! >= from) return true
  }
  return false
}

/** Ascending refs of the candidates that any selector matches, active or not. */
export async function matching(
  state: StoreState,
  { series, pace }: Candidates,
  selectors: Scope['selectors'],
): Promise<Uint32Array> {
  if (selectors.length === 0) return await state.selector.select(series, [], pace)
  if (selectors.length === 1) return await state.selector.select(series, selectors[0]!, pace)
  const all = new Set<number>()
  for (const matchers of selectors) {
    for (const ref of await state.selector.select(series, matchers, pace)) {
      all.add(ref)
      if (all.size % refsPerLook === 0 && pace.due()) await pace.rest()
    }
  }
  return Uint32Array.from(all).sort()
}

/** @throws PgherdError QUERY_INVALID, QUERY_LIMIT, CANCELLED */
export async function findSeries(state: StoreState, scope: Scope): Promise<LabelSet[]> {
  const { maxSeries = Infinity } = scope.limits
  let answer: LabelSet[] = []
  await visitSources(state, scope, (sources) => {
    const union = unionFor(sources)
    const found = new Set<number>()
    answer = []
    return async (candidates) => {
      const refs = await matching(state, candidates, scope.selectors)
      for (let i = 0; i < refs.length; i++) {
        if (i % refsPerLook === 0 && candidates.pace.due()) await candidates.pace.rest()
        const ref = refs[i]!
        if (!candidates.isActive(ref)) continue
        const id = union.idOf(candidates.series, ref)
        if (found.has(id)) continue
        if (found.size >= maxSeries) throw tooMany(maxSeries)
        found.add(id)
        answer.push(union.labelsOf(id))
      }
    }
  })
  return answer
}

/** Names of labels, sorted. @throws PgherdError QUERY_INVALID, CANCELLED */
export function findLabelNames(state: StoreState, scope: Scope): Promise<string[]> {
  return collectTexts(state, scope, async (candidates, refs, add) => {
    const { series, isActive, pace } = candidates
    const seen = new Set<number>()
    for (let i = 0; i < refs.length; i++) {
      if (i % refsPerLook === 0 && pace.due()) await pace.rest()
      const ref = refs[i]!
      const { pool, starts } = series
      const end = starts[ref + 1]!
      let at = starts[ref]!
      while (at < end && seen.has(pool[at]!)) at += 2
      if (at === end || !isActive(ref)) continue
      for (; at < end; at += 2) {
        seen.add(pool[at]!)
        add(series.symbols.texts[pool[at]!]!)
      }
    }
  })
}

/** Values of one label, sorted. @throws PgherdError QUERY_INVALID, CANCELLED */
export function findLabelValues(state: StoreState, name: string, scope: Scope): Promise<string[]> {
  return collectTexts(
    state,
    scope,
    async ({ series, isActive, pace }, refs, add) => {
      const symbol = series.symbols.ids.get(name)
      if (symbol === undefined) return
      const seen = new Set<number>([0])
      for (let i = 0; i < refs.length; i++) {
        if (i % refsPerLook === 0 && pace.due()) await pace.rest()
        const value = valueSymbol(series, refs[i]!, symbol)
        if (seen.has(value) || !isActive(refs[i]!)) continue
        seen.add(value)
        add(series.symbols.texts[value]!)
      }
    },
    name,
  )
}

type AddText = (text: string) => void

async function collectTexts(
  state: StoreState,
  scope: Scope,
  collect: (candidates: Candidates, refs: Uint32Array, add: AddText) => Promise<void>,
  name?: string,
): Promise<string[]> {
  const texts = new Set<string>()
  await visitSources(state, scope, () => async (candidates) => {
    if (name !== undefined && scope.selectors.length === 0) {
      await collectValues(candidates, name, (text) => texts.add(text))
      return
    }
    const refs = await matching(state, candidates, scope.selectors)
    await collect(candidates, refs, (text) => texts.add(text))
  })
  return await sortTexts([...texts], watched(createPace(state.options.clock), scope.limits.signal))
}

/** Without a selector the first active series of each value will do. */
async function collectValues(
  { series, isActive, pace }: Candidates,
  name: string,
  add: AddText,
): Promise<void> {
  const symbol = series.symbols.ids.get(name)
  if (symbol === undefined) return
  let looked = 0
  const anyActive = async (list: RefList): Promise<boolean> => {
    if (typeof list === 'number') return isActive(list)
    for (let i = 0; i < list.length; i++) {
      if (isActive(list.refs[i]!)) return true
      if (i % refsPerLook === 0 && pace.due()) await pace.rest()
    }
    return false
  }
  for (const [value, list] of await valuesOf(series, symbol, pace)) {
    if (++looked % refsPerLook === 0 && pace.due()) await pace.rest()
    const text = series.symbols.texts[value]!
    if (await anyActive(list)) add(text)
  }
}

function tooMany(maxSeries: number): PgherdError {
  return new PgherdError(
    'QUERY_LIMIT',
    `the selectors match more than ${maxSeries} series; narrow their labels or the time range`,
  )
}
