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

/** All refs of several lists, ascending. A series has one value per name, so lists of one name are disjoint. */
export function unionOf(lists: readonly RefList[]): Uint32Array {
  let total = 0
  for (const list of lists) total += refCount(list)
  const out = new Uint32Array(total)
  let at = 0
  for (const list of lists) {
    if (typeof list === 'number') out[at++] = list
    else {
      out.set(list.refs.subarray(0, list.length), at)
      at += list.length
    }
  }
  return lists.length > 1 ? out.sort() : out
}
