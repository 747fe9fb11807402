import type { Clock } from '../../../common/clock.ts'
import { networkOf } from '../network-of.ts'

/** Failed attempts that an address has at once, and how long it takes until it has one more. */
const burst = 20
const refillMs = 6_000
/** Those that failed longest ago are forgotten first. */
const maxAddresses = 10_000

export interface FailureLimit {
  /** Notes that somebody at this address has failed. @returns false when that happened too often */
  note(address: string): boolean
  readonly addresses: number
}

/**
 * Slows down whoever tries tokens. It is asked only when an attempt has failed: what is valid is never turned away for
 * what others do at the same address, say behind one proxy.
 */
export function createFailureLimit(clock: Clock): FailureLimit {
  const known = new Map<string, { left: number; atMs: number }>()
  return {
    get addresses() {
      return known.size
    },
    note(address) {
      const key = networkOf(address)
      const nowMs = clock.monotonic()
      const before = known.get(key) ?? { left: burst, atMs: nowMs }
      const left = Math.min(burst, before.left + (nowMs - before.atMs) / refillMs)
      known.delete(key)
      if (known.size >= maxAddresses) {
        const [oldest = ''] = known.keys()
        known.delete(oldest)
      }
      known.set(key, { left: Math.max(0, left - 1), atMs: nowMs })
      return left >= 1
    },
  }
}
