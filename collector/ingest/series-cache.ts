import { createLabelArena, hashBytes, sameBytes } from './label-arena.ts'
import type { SeriesOwner } from './series-owner.ts'

/**
 * Encoded labels to references, without building a string per series. Senders repeat the order of their
 * series from request to request, so each entry remembers which one followed it: the usual lookup is one
 * comparison of bytes, and only a surprise is hashed.
 */
export interface SeriesCache {
  /** Call with the bytes of each request; its first series has no predecessor. */
  startRequest(bytes: Uint8Array): void
  /**
   * How long the labels are that followed those of the last get() or add() when they were last seen, if the same ones
   * start at `from` of the request and end before `end`; 0 otherwise. A get() of just these is then answered at once.
   */
  expected(from: number, end: number): number
  /** The reference of `bytes[from, to)`, or undefined when it is not known. */
  get(bytes: Uint8Array, from: number, to: number): number | undefined
  /** Remembers the reference of bytes that get() has just missed; they are copied. */
  add(bytes: Uint8Array, from: number, to: number, ref: number, owner?: SeriesOwner): void
  /** Of what get() has just found. */
  readonly owner: SeriesOwner | undefined
  /** Forgets everything, for when references have changed their meaning. */
  clear(): void
  readonly size: number
}

interface Entry {
  readonly view: DataView
  readonly at: number
  readonly length: number
  readonly hash: number
  readonly ref: number
  readonly owner: SeriesOwner | undefined
  /** The entry that followed this one when it was last seen. */
  follower: Entry | undefined
  /** The next entry of the same bucket. */
  chained: Entry | undefined
}

const firstBuckets = 1024

/**
 * @param options `maxEntries` and `maxBytes` (of their labels, 256 MiB unless told) bound the memory, about 100 bytes
 * per entry and its labels: a full cache starts over, which costs one lookup in the store per series; `seed` makes
 * collisions unpredictable
 */
export function createSeriesCache(options: {
  readonly maxEntries: number
  readonly maxBytes?: number
  readonly seed: number
}): SeriesCache {
  const { maxEntries, maxBytes = 256 * 1024 * 1024, seed } = options
  let arena = createLabelArena()
  let buckets = emptyBuckets(firstBuckets)
  let size = 0
  let labelBytes = 0
  let previous: Entry | undefined
  /** What expected() has found, and where. */
  let found: Entry | undefined
  let foundAt = 0
  let request: Uint8Array = new Uint8Array(0)
  let requestView = viewOf(request)
  /** Labels that are not in the request as they are stand in other bytes, the same again and again. */
  let other = request
  let otherView = requestView

  const startRequest = (bytes: Uint8Array) => {
    previous = undefined
    found = undefined
    request = bytes
    requestView = viewOf(bytes)
    other = bytes
    otherView = requestView
  }
  const follow = (entry: Entry) => {
    if (previous !== undefined) previous.follower = entry
    previous = entry
  }
  const startOver = () => {
    arena = createLabelArena()
    buckets = emptyBuckets(firstBuckets)
    size = 0
    labelBytes = 0
    previous = undefined
    found = undefined
  }

  return {
    startRequest,
    expected(from, end) {
      const follower = previous?.follower
      if (follower === undefined || follower.length > end - from) return 0
      if (!sameBytes(follower.view, follower.at, requestView, from, follower.length)) return 0
      found = follower
      foundAt = from
      return follower.length
    },
    get(bytes, from, to) {
      const expected = found
      found = undefined
      if (bytes === request && from === foundAt && to - from === expected?.length) {
        previous = expected
        return expected.ref
      }
      if (bytes !== request && bytes !== other) {
        other = bytes
        otherView = viewOf(bytes)
      }
      const view = bytes === request ? requestView : otherView
      const length = to - from
      const predicted = previous?.follower
      if (predicted?.length === length && sameBytes(predicted.view, predicted.at, view, from, length)) {
        previous = predicted
        return predicted.ref
      }
      const hash = hashBytes(view, from, length, seed)
      for (let entry = buckets[hash & (buckets.length - 1)]; entry !== undefined; entry = entry.chained) {
        if (
          entry.hash === hash &&
          entry.length === length &&
          sameBytes(entry.view, entry.at, view, from, length)
        ) {
          follow(entry)
          return entry.ref
        }
      }
      return undefined
    },
    add(bytes, from, to, ref, owner) {
      const length = to - from
      if (size >= maxEntries || labelBytes + length > maxBytes) startOver()
      else if (size >= buckets.length) buckets = doubled(buckets)
      labelBytes += length
      const { view, at } = arena.add(bytes, from, to)
      const hash = hashBytes(view, at, length, seed)
      const slot = hash & (buckets.length - 1)
      const entry: Entry = {
        view,
        at,
        length,
        hash,
        ref,
        owner,
        follower: undefined,
        chained: buckets[slot],
      }
      buckets[slot] = entry
      size++
      follow(entry)
    },
    get owner() {
      return previous?.owner
    },
    clear: startOver,
    get size() {
      return size
    },
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
}

function emptyBuckets(count: number): (Entry | undefined)[] {
  return new Array<Entry | undefined>(count).fill(undefined)
}

function doubled(old: readonly (Entry | undefined)[]): (Entry | undefined)[] {
  const buckets = emptyBuckets(old.length * 2)
  for (const head of old) {
    for (let entry = head; entry !== undefined;) {
      const { chained } = entry
      const slot = entry.hash & (buckets.length - 1)
      entry.chained = buckets[slot]
      buckets[slot] = entry
      entry = chained
    }
  }
  return buckets
}
