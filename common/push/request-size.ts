/** How much goes into one request; one body goes whatever its size. */
export interface RequestLimits {
  readonly records: number
  readonly bytes: number
}

/** What the answers teach about how much a receiver takes at once. */
export interface RequestSize {
  limits(): RequestLimits
  /** So many bodies went through, or one is done with. The next request may be twice as large, up to the limits. */
  accepted(records: number): void
  /** So many together are too large (413). */
  tooLarge(records: number): void
  /** So many together are refused (400 and the like): each has to be tried on its own to find the bad ones. */
  refused(records: number): void
  /**
   * An exchange of so many failed: the next is half as large. Over a slow line a large request would run into its
   * time-out each time, and some servers only close the connection when a request is too much for them.
   */
  failed(records: number): void
}

export function createRequestSize(most: RequestLimits): RequestSize {
  let records = most.records
  let cautious = most.records
  let alone = 0
  return {
    limits: () => ({ records: alone > 0 ? 1 : Math.min(records, cautious), bytes: most.bytes }),
    accepted(count) {
      cautious = Math.min(most.records, cautious * 2)
      alone = Math.max(0, alone - count)
    },
    tooLarge(count) {
      records = Math.max(1, count >> 1)
    },
    refused(count) {
      alone = count
    },
    failed(count) {
      cautious = Math.max(1, count >> 1)
    },
  }
}
