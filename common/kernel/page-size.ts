import { readFileSync } from 'node:fs'
import { endianness } from 'node:os'

/** AT_PAGESZ of getauxval(3). */
const pageSizeKey = 6n
const usual = 4096

/** The size of a page of memory: some kernels for arm64 and ppc64 have 64 KiB. From /proc/self/auxv. */
export function readPageSize(path = '/proc/self/auxv'): number {
  try {
    const vector = readFileSync(path)
    const little = endianness() === 'LE'
    const word = (at: number): bigint => (little ? vector.readBigUInt64LE(at) : vector.readBigUInt64BE(at))
    for (let at = 0; at + 16 <= vector.length; at += 16) {
      if (word(at) === pageSizeKey) return Number(word(at + 8))
    }
  } catch {
    // Unreadable under some hardening; then it is what nearly everyone has.
  }
  return usual
}
