import type { SharedMemoryNeed } from './preflight-result.ts'

/** What the kernel has, bytes; pages where told. */
export interface HostMemory {
  readonly availableBytes: number
  readonly commitLimitBytes: number
  readonly committedBytes: number
  /** vm.overcommit_memory is 2: nothing is given beyond the limit. */
  readonly isStrict: boolean
  readonly freeHugePages: number
  readonly usedHugePages: number
  readonly hugePageBytes: number
}

/** Of the server that runs, which gives it back before it takes the other. */
export interface SharedMemoryNow {
  readonly bytes: number
  readonly hugePages: number | null
  /** Null where it does not tell, before PostgreSQL 17. */
  readonly usesHugePages: boolean | null
}

/** What `postgres -C` does not look at: whether the memory is there. Sentences; refusals would keep it from starting or the host from working. */
export function checkMemory(
  need: SharedMemoryNeed,
  mode: string,
  now: SharedMemoryNow,
  host: HostMemory,
): { readonly refusals: readonly string[]; readonly notes: readonly string[] } {
  const ownPages = now.hugePages ?? 0
  const usesPages = now.usesHugePages ?? (ownPages > 0 && host.usedHugePages >= ownPages)
  const freePages = host.freeHugePages + (usesPages ? ownPages : 0)
  const pages = mode === 'off' ? null : (need.hugePages ?? Math.ceil(need.bytes / host.hugePageBytes))
  const fitsPages = pages !== null && freePages >= pages
  if (mode === 'on' && !fitsPages) {
    return {
      refusals: [
        `huge_pages is on and it takes ${pages ?? 'some'} huge pages, of which ${freePages} would be free: the server would not start again`,
      ],
      notes: [],
    }
  }
  if (fitsPages) return { refusals: [], notes: [`its shared memory fits into the ${freePages} huge pages`] }
  const notes =
    pages !== null && freePages > 0
      ? [
          `its shared memory takes ${pages} huge pages, of which ${freePages} would be free, so it would use none`,
        ]
      : []
  const given = usesPages ? 0 : now.bytes
  // One that is no larger than now has its room already.
  if (need.bytes <= given) return { refusals: [], notes }
  const size = `${mebibytes(need.bytes)} of shared memory`
  const left = host.commitLimitBytes - host.committedBytes + given
  if (host.isStrict && need.bytes > left) {
    return {
      refusals: [
        `it takes ${size}, and the kernel would give ${mebibytes(left)} (CommitLimit): the server would not start again`,
      ],
      notes,
    }
  }
  const available = host.availableBytes + given
  if (need.bytes > available) {
    return {
      refusals: [`it takes ${size}, and the host would have ${mebibytes(available)} (MemAvailable)`],
      notes,
    }
  }
  return { refusals: [], notes }
}

export const mebibytes = (bytes: number): string => `${Math.round(bytes / 1024 ** 2)} MiB`
