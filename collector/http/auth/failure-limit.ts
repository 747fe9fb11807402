import { isIPv6 } from 'node:net'
import type { Clock } from '../../../common/clock.ts'

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

/** Of IPv6 the first 64 bits: the others are for a host to choose. */
function networkOf(address: string): string {
  if (!isIPv6(address)) return address
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped !== undefined) return mapped
  const [head = '', tail] = address.replace(/%.*$/, '').split('::')
  const first = head === '' ? [] : head.split(':')
  const last = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - first.length - last.length)
  return [...first, ...Array<string>(zeros).fill('0'), ...last].slice(0, 4).join(':')
}
