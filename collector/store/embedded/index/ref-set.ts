import type { Pace } from '../pace.ts'

/** Refs below a number, one bit each. */
export interface RefSet {
  add(ref: number): void
  /** All refs, ascending. */
  toArray(pace: Pace): Promise<Uint32Array>
}

const wordsPerLook = 256

export function createRefSet(below: number): RefSet {
  const bits = new Uint32Array((below >>> 5) + 1)
  let size = 0
  return {
    add(ref) {
      const bit = 1 << (ref & 31)
      const word = bits[ref >>> 5]!
      if ((word & bit) !== 0) return
      bits[ref >>> 5] = word | bit
      size++
    },
    async toArray(pace) {
      const out = new Uint32Array(size)
      let at = 0
      for (let word = 0; word < bits.length; word++) {
        for (let rest = bits[word]!; rest !== 0; rest &= rest - 1) {
          out[at++] = word * 32 + 31 - Math.clz32(rest & -rest)
        }
        if (word % wordsPerLook === 0 && pace.due()) await pace.rest()
      }
      return out
    },
  }
}
