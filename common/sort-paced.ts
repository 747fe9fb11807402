/** Long work that is cut into slices: whether this one is over, and the wait for the next. */
export interface Slices {
  due(): boolean
  rest(): Promise<void>
}

/** So many items are sorted at once; the rest is merging, which takes turns. */
const runLength = 2048
const perLook = 256

/** A sorted copy: a merge sort that never holds up other work for longer than a slice. */
export async function sortPaced<T>(
  items: readonly T[],
  compare: (a: T, b: T) => number,
  slices: Slices,
): Promise<T[]> {
  let from: T[] = []
  for (let first = 0; first < items.length; first += runLength) {
    from.push(...items.slice(first, first + runLength).sort(compare))
    if (slices.due()) await slices.rest()
  }
  let to: T[] = new Array<T>(from.length)
  for (let width = runLength; width < from.length; width *= 2) {
    for (let start = 0; start < from.length; start += 2 * width) {
      const middle = Math.min(start + width, from.length)
      const end = Math.min(start + 2 * width, from.length)
      let left = start
      let right = middle
      for (let i = start; i < end; i++) {
        const takeLeft = left < middle && (right >= end || compare(from[left]!, from[right]!) <= 0)
        to[i] = from[takeLeft ? left++ : right++]!
        if (i % perLook === 0 && slices.due()) await slices.rest()
      }
    }
    ;[from, to] = [to, from]
  }
  return from
}
