import { PgherdError } from './errors.ts'

/** Memory that several pieces of work share: what they are about to allocate is counted before they do. */
export interface MemoryBudget {
  open(): MemoryAccount
  /** Bytes that are reserved now. */
  readonly reservedBytes: number
}

/** What one piece of work holds; closing it gives everything back. */
export interface MemoryAccount extends Disposable {
  /** @throws PgherdError QUERY_LIMIT beyond the account's share, OVERLOADED when the others hold too much */
  readonly reserve: (bytes: number) => void
}

export function createMemoryBudget(limits: {
  /** Of all accounts together. */
  readonly totalBytes: number
  readonly accountBytes: number
}): MemoryBudget {
  const { totalBytes, accountBytes } = limits
  let total = 0
  return {
    open() {
      let mine = 0
      let isOpen = true
      return {
        reserve(bytes) {
          // Work that was given up goes on until it notices; what it still takes is soon garbage.
          if (!isOpen) return
          if (mine + bytes > accountBytes) throw tooMuch(accountBytes)
          if (total + bytes > totalBytes) throw busy(totalBytes)
          mine += bytes
          total += bytes
        },
        [Symbol.dispose]() {
          if (!isOpen) return
          isOpen = false
          total -= mine
        },
      }
    },
    get reservedBytes() {
      return total
    },
  }
}

function tooMuch(limit: number): PgherdError {
  return new PgherdError(
    'QUERY_LIMIT',
    `the query needs more than ${inMiB(limit)} of memory; ask for fewer series, a shorter range or a larger step`,
    { details: { limitBytes: limit } },
  )
}

function busy(limit: number): PgherdError {
  return new PgherdError(
    'OVERLOADED',
    `the queries that are running hold the ${inMiB(limit)} of memory that there is for queries; try again later`,
  )
}

const inMiB = (bytes: number): string => `${Math.floor(bytes / 2 ** 20)} MiB`
