import type { Matcher } from '../../../common/series/matcher.ts'
import { firstEntry } from './block/block-index.ts'
import type { BlockIndex } from './block/block-index.ts'
import { slotOverlaps } from './head/read-head.ts'
import { slotOf } from './head/window-head.ts'
import { createPace } from './pace.ts'
import type { Pace } from './pace.ts'
import { sourcesOf, withStableBlocks } from './sources.ts'
import type { Source } from './sources.ts'
import type { StoreState } from './state.ts'

/**
 * Refs of the series that match any of the selectors (all of them when there is none) and reach into the range,
 * judged by the first and last sample that each window or block has of them.
 * @throws PgherdError QUERY_INVALID
 */
export async function activeRefs(
  state: StoreState,
  selectors: readonly (readonly Matcher[])[],
  fromMs: number,
  toMs: number,
): Promise<Uint32Array> {
  const pace = createPace(state.options.clock)
  const sources = await withStableBlocks(() => sourcesOf(state, fromMs, toMs))
  const refs = union(selectors.length === 0 ? [[]] : selectors, state)
  const active = new Uint8Array(refs.length)
  for (const source of sources) await mark(source, refs, fromMs, toMs, active, pace)
  return refs.filter((_, position) => active[position] === 1)
}

/** Symbols of the names, or with `name` of its values, that the series have; sorted as text. */
export function distinctTexts(state: StoreState, refs: Uint32Array, name?: string): string[] {
  const { pool, starts, symbols } = state.table
  const wanted = name === undefined ? undefined : symbols.ids.get(name)
  if (name !== undefined && wanted === undefined) return []
  const found = new Set<number>()
  for (const ref of refs) {
    const end = starts[ref + 1]!
    for (let i = starts[ref]!; i < end; i += 2) {
      if (wanted === undefined) found.add(pool[i]!)
      else if (pool[i] === wanted) found.add(pool[i + 1]!)
    }
  }
  return Array.from(found, (symbol) => symbols.texts[symbol]!).sort()
}

function union(selectors: readonly (readonly Matcher[])[], state: StoreState): Uint32Array {
  const parts = selectors.map((matchers) => state.selector.select(matchers))
  if (parts.length === 1) return parts[0]!
  const all = new Set<number>()
  for (const part of parts) for (const ref of part) all.add(ref)
  return Uint32Array.from(all).sort()
}

async function mark(
  source: Source,
  refs: Uint32Array,
  fromMs: number,
  toMs: number,
  active: Uint8Array,
  pace: Pace,
): Promise<void> {
  const from = fromMs - source.startMs
  const to = toMs - source.startMs
  for (let position = 0; position < refs.length; position++) {
    if (active[position] === 1) continue
    const ref = refs[position]!
    if (source.kind === 'block') active[position] = entryOverlaps(source.index, ref, from, to) ? 1 : 0
    else {
      const slot = slotOf(source.window.head, ref)
      if (slot >= 0 && slotOverlaps(source.window.head, slot, from, to)) active[position] = 1
    }
    if (pace.due()) await pace.rest()
  }
}

function entryOverlaps(index: BlockIndex, ref: number, from: number, to: number): boolean {
  for (let entry = firstEntry(index, ref); index.refs[entry] === ref; entry++) {
    if (index.firsts[entry]! <= to && index.lasts[entry]! >= from) return true
  }
  return false
}
