/** Bytes kept for good, many to a buffer: a buffer of its own for each series would double what it costs. */
export interface LabelArena {
  /** Copies `bytes[from, to)` and says where they are now. */
  add(bytes: Uint8Array, from: number, to: number): { readonly view: DataView; readonly at: number }
}

const pageBytes = 256 * 1024

export function createLabelArena(): LabelArena {
  let page = new Uint8Array(0)
  let view = new DataView(page.buffer)
  let used = 0
  return {
    add(bytes, from, to) {
      const length = to - from
      if (used + length > page.length) {
        page = new Uint8Array(Math.max(pageBytes, length))
        view = new DataView(page.buffer)
        used = 0
      }
      page.set(bytes.subarray(from, to), used)
      const at = used
      used += length
      return { view, at }
    },
  }
}

/**
 * Whether two stretches hold the same bytes, eight at a time: as integers they become plain comparisons of words. The
 * first word overlaps the second where the length is no multiple of eight.
 */
export function sameBytes(a: DataView, aAt: number, b: DataView, bAt: number, length: number): boolean {
  if (length < 8) return sameFewBytes(a, aAt, b, bAt, length)
  // From the end: series that follow each other differ in their last labels more often than in their first.
  for (let i = length - 8; i > 0; i -= 8) {
    if (a.getBigInt64(aAt + i, true) !== b.getBigInt64(bAt + i, true)) return false
  }
  return a.getBigInt64(aAt, true) === b.getBigInt64(bAt, true)
}

function sameFewBytes(a: DataView, aAt: number, b: DataView, bAt: number, length: number): boolean {
  for (let i = 0; i < length; i++) if (a.getUint8(aAt + i) !== b.getUint8(bAt + i)) return false
  return true
}

/** A 32-bit hash in the manner of MurmurHash3's body; the seed makes collisions unpredictable. */
export function hashBytes(view: DataView, at: number, length: number, seed: number): number {
  const words = length & ~3
  let hash = seed ^ length
  for (let i = 0; i < words; i += 4) hash = mix(hash, view.getInt32(at + i, true))
  for (let i = words; i < length; i++) hash = mix(hash, view.getUint8(at + i))
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return hash ^ (hash >>> 16)
}

function mix(hash: number, word: number): number {
  const scrambled = Math.imul(word, 0xcc9e2d51)
  const mixed = hash ^ Math.imul((scrambled << 15) | (scrambled >>> 17), 0x1b873593)
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64) | 0
}
