import { labelKey } from '../../common/series/label-set.ts'
import { isStaleAt } from '../../common/series/stale.ts'
import type { SeriesSamples } from '../../common/series/samples.ts'

/** What the samples of one series are, in whatever pieces they came. */
export interface SeriesDigest {
  samples: number
  stale: number
  /** NaNs that are no stale markers. */
  nan: number
  /** Of the times of all that is no NaN but a stale marker. */
  times: number
  /** Of times and values, bit by bit, of all. */
  bits: number
  sum: number
  sizes: number
}

export type Digests = Map<string, SeriesDigest>

/** @returns by labelKey of each series */
export async function digest(pieces: AsyncIterable<SeriesSamples>): Promise<Digests> {
  const digests: Digests = new Map()
  for await (const piece of pieces) {
    const key = labelKey(piece.labels)
    let found = digests.get(key)
    if (found === undefined)
      digests.set(key, (found = { samples: 0, stale: 0, nan: 0, times: 0, bits: 0, sum: 0, sizes: 0 }))
    add(found, piece)
  }
  return digests
}

function add(to: SeriesDigest, { timestamps, values }: SeriesSamples): void {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length * 2)
  for (let i = 0; i < timestamps.length; i++) {
    const time = timestamps[i]!
    const value = values[i]!
    const ofTime = mixed(time >>> 0, Math.floor(time / 2 ** 32))
    to.samples++
    to.bits = (to.bits + mixed(ofTime ^ words[2 * i]!, words[2 * i + 1]!)) >>> 0
    if (value !== value) {
      if (isStaleAt(values, i)) to.stale++
      else {
        to.nan++
        continue
      }
    } else if (Number.isFinite(value)) {
      to.sum += value
      to.sizes += Math.abs(value)
    }
    to.times = (to.times + ofTime) >>> 0
  }
}

/** A hash of two words: the finalizer of MurmurHash3 (Austin Appleby, public domain), twice. */
function mixed(low: number, high: number): number {
  return finished(finished(low) + high)
}

function finished(word: number): number {
  let hash = word >>> 0
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
