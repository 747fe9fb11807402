import type { Pace } from '../pace.ts'
import { createRefSet } from './ref-set.ts'
import { lowerBound } from '../sample-buffer.ts'

/** Refs in ascending order. One that belongs to a single series, the common case, is stored as a bare number. */
export type RefList = number | { refs: Uint32Array; length: number }

/** For each label name (a symbol), and each of its values, the series that carry it. */
export type Postings = Map<number, Map<number, RefList>>

/** Refs have to arrive in ascending order. */
export function addPosting(postings: Postings, name: number, value: number, ref: number): void {
  let values = postings.get(name)
  if (values === undefined) postings.set(name, (values = new Map<number, RefList>()))
  const list = values.get(value)
  if (list === undefined) values.set(value, ref)
  else if (typeof list === 'number') values.set(value, { refs: Uint32Array.of(list, ref, 0, 0), length: 2 })
  else {
    if (list.length === list.refs.length) {
      const grown = new Uint32Array(list.length * 2)
      grown.set(list.refs)
      list.refs = grown
    }
    list.refs[list.length++] = ref
  }
}

export function refCount(list: RefList | undefined): number {
  return list === undefined ? 0 : typeof list === 'number' ? 1 : list.length
}

/** So many refs are sorted; more are marked in a bitmap, which takes turns with other work. */
const fewRefs = 4096
const perLook = 1024

/**
 * All refs below `count` of several lists, ascending. A series has one value per name, so lists of one name are
 * disjoint.
 */
export async function unionOf(lists: readonly RefList[], count: number, pace: Pace): Promise<Uint32Array> {
  if (lists.length === 1) return upTo(lists[0]!, count)
  let total = 0
  for (const list of lists) total += refCount(list)
  if (total <= fewRefs) return upTo({ refs: gather(lists, total).sort(), length: total }, count)
  const set = createRefSet(count)
  for (let i = 0; i < lists.length; i++) {
    const list = lists[i]!
    if (typeof list === 'number') {
      if (list < count) set.add(list)
    } else {
      // The list may grow while others have their turn, and its array may be replaced.
      for (let j = 0; j < list.length; j++) {
        if (list.refs[j]! < count) set.add(list.refs[j]!)
        if (j % perLook === perLook - 1 && pace.due()) await pace.rest()
      }
    }
    if (i % perLook === perLook - 1 && pace.due()) await pace.rest()
  }
  return await set.toArray(pace)
}

function upTo(list: RefList, count: number): Uint32Array {
  if (typeof list === 'number') return list < count ? Uint32Array.of(list) : new Uint32Array(0)
  return list.refs.slice(0, lowerBound(list.refs, list.length, count))
}

function gather(lists: readonly RefList[], total: number): Uint32Array {
  const out = new Uint32Array(total)
  let at = 0
  for (const list of lists) {
    if (typeof list === 'number') out[at++] = list
    else {
      out.set(list.refs.subarray(0, list.length), at)
      at += list.length
    }
  }
  return out
}
