import { PgherdError } from '../../../common/errors.ts'
import type { LabelSet } from '../../../common/series/label-set.ts'
import type { Block } from './block/block.ts'
import type { BlockReader } from './block/block-reader.ts'
import type { RefList } from './index/postings.ts'
import { valueSymbol } from './index/series-columns.ts'
import { valuesOf } from './index/series-index.ts'
import { emptySymbol } from './index/symbols.ts'
import { createPace, watched } from './pace.ts'
import type { Pace } from './pace.ts'
import { matching, visitSources } from './scope.ts'
import type { Candidates, Scope } from './scope.ts'
import { sortTexts } from './sort-texts.ts'
import { askBlock, unionFor } from './sources.ts'
import type { StoreState } from './state.ts'

const refsPerLook = 64

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
  return collectTexts(
    state,
    scope,
    async (candidates, add) => {
      const { series, pace } = candidates
      if (scope.selectors.length === 0 && series.isComplete) {
        for (const [name, values] of series.postings) {
          for (const list of values.values()) {
            if (!(await isAnyActive(list, candidates))) continue
            add(series.symbols.texts[name]!)
            break
          }
        }
        return
      }
      const refs = await matching(state, candidates, scope.selectors)
      const seen = new Set<number>()
      for (let i = 0; i < refs.length; i++) {
        if (i % refsPerLook === 0 && pace.due()) await pace.rest()
        const ref = refs[i]!
        const { pool, starts } = series
        const end = starts[ref + 1]!
        let at = starts[ref]!
        while (at < end && seen.has(pool[at]!)) at += 2
        if (at === end || !candidates.isActive(ref)) continue
        for (; at < end; at += 2) {
          seen.add(pool[at]!)
          add(series.symbols.texts[pool[at]!]!)
        }
      }
    },
    (reader, block, pace) => reader.names(block, scope.fromMs, scope.toMs, pace),
  )
}

/** Values of one label, sorted. @throws PgherdError QUERY_INVALID, CANCELLED */
export function findLabelValues(state: StoreState, name: string, scope: Scope): Promise<string[]> {
  return collectTexts(
    state,
    scope,
    async (candidates, add) => {
      const { series, pace } = candidates
      const symbol = series.symbols.ids.get(name)
      if (symbol === undefined) return
      if (scope.selectors.length === 0) {
        let looked = 0
        for (const [value, list] of await valuesOf(series, symbol, pace)) {
          if (++looked % refsPerLook === 0 && pace.due()) await pace.rest()
          if (await isAnyActive(list, candidates)) add(series.symbols.texts[value]!)
        }
        return
      }
      const refs = await matching(state, candidates, scope.selectors)
      const seen = new Set<number>([emptySymbol])
      for (let i = 0; i < refs.length; i++) {
        if (i % refsPerLook === 0 && pace.due()) await pace.rest()
        const value = valueSymbol(series, refs[i]!, symbol)
        if (seen.has(value) || !candidates.isActive(refs[i]!)) continue
        seen.add(value)
        add(series.symbols.texts[value]!)
      }
    },
    (reader, block, pace) => reader.values(block, name, scope.fromMs, scope.toMs, pace),
  )
}

async function collectTexts(
  state: StoreState,
  scope: Scope,
  collect: (candidates: Candidates, add: (text: string) => void) => Promise<void>,
  ask: (reader: BlockReader, block: Block, pace: Pace) => Promise<string[]>,
): Promise<string[]> {
  const texts = new Set<string>()
  await visitSources(
    state,
    scope,
    () => (candidates) => collect(candidates, (text) => texts.add(text)),
    async ({ block, deleted }, pace) => {
      if (scope.selectors.length > 0 || deleted.length > 0) return false
      const found = await askBlock(state, block, (reader) => ask(reader, block, pace))
      for (const text of found ?? []) texts.add(text)
      return true
    },
  )
  return await sortTexts([...texts], watched(createPace(state.options.clock), scope.limits.signal))
}

async function isAnyActive(list: RefList, { isActive, pace }: Candidates): Promise<boolean> {
  if (typeof list === 'number') return isActive(list)
  for (let i = 0; i < list.length; i++) {
    if (isActive(list.refs[i]!)) return true
    if (i % refsPerLook === refsPerLook - 1 && pace.due()) await pace.rest()
  }
  return false
}

function tooMany(maxSeries: number): PgherdError {
  return new PgherdError(
    'QUERY_LIMIT',
    `the selectors match more than ${maxSeries} series; narrow their labels or the time range`,
  )
}
