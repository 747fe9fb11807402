import { printAbout } from '../../../common/tuning/print-size.ts'
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
  /** What the control group of the server would still give; undefined where it has no limit. */
  readonly cgroupLeftBytes?: number | undefined
}

/** Of the server that runs, which gives it back before it takes the other. */
export interface SharedMemoryNow {
  readonly bytes: number
  readonly hugePages: number | null
  /** Null where nobody knows: with `try` before PostgreSQL 17. */
  readonly usesHugePages: boolean | null
}

interface Findings {
  readonly refusals: readonly string[]
  readonly notes: readonly string[]
}

/**
 * What `postgres -C` does not look at: whether the memory is there. Sentences; a refusal is what would keep the server from starting, or
 * the host from working.
 * @param mode - of huge_pages: `on`, `try` or `off`
 */
export function checkMemory(
  need: SharedMemoryNeed,
  mode: string,
  now: SharedMemoryNow,
  host: HostMemory,
): Findings {
  const ownPages = now.hugePages ?? Math.ceil(now.bytes / host.hugePageBytes)
  const usesPages = now.usesHugePages ?? (host.hugePageBytes > 0 && host.usedHugePages >= ownPages)
  if (mode === 'off') return checkOrdinary(need.bytes, usesPages ? 0 : now.bytes, host)
  if (isOtherSize(need, host)) {
    return { refusals: [], notes: ['its huge pages are not of the usual size, and were not counted'] }
  }
  const pages = need.hugePages ?? Math.ceil(need.bytes / host.hugePageBytes)
  const free = host.freeHugePages + (usesPages ? ownPages : 0)
  if (free >= pages) return { refusals: [], notes: [`its shared memory fits into the ${free} huge pages`] }
  const short = `its shared memory takes ${pages} huge pages, of which ${free} would be free`
  if (mode === 'on')
    return { refusals: [`${short}, and huge_pages is on: the server would not start again`], notes: [] }
  const { refusals } = checkOrdinary(need.bytes, usesPages ? 0 : now.bytes, host)
  return { refusals, notes: free === 0 ? [] : [`${short}, so it would use none`] }
}

/** @param given - what the server has now and gives back */
function checkOrdinary(bytes: number, given: number, host: HostMemory): Findings {
  // One that is no larger than now has its room already.
  if (bytes <= given) return { refusals: [], notes: [] }
  const size = `it takes ${printAbout(bytes)} of shared memory`
  const left = host.commitLimitBytes - host.committedBytes + given
  if (host.isStrict && bytes > left) {
    return {
      refusals: [
        `${size}, and the kernel would give ${printAbout(left)} (CommitLimit): the server would not start again`,
      ],
      notes: [],
    }
  }
  // Huge pages are not counted there; these are ordinary ones.
  const inGroup = host.cgroupLeftBytes === undefined ? Infinity : host.cgroupLeftBytes + given
  if (bytes > inGroup) {
    return {
      refusals: [
        `${size}, and its control group would have ${printAbout(inGroup)} (the memory limit of its service or container): the kernel would end it`,
      ],
      notes: [],
    }
  }
  const available = host.availableBytes + given
  if (bytes <= available) return { refusals: [], notes: [] }
  return { refusals: [`${size}, and the host would have ${printAbout(available)} (MemAvailable)`], notes: [] }
}

/** By huge_page_size; the server tells bytes in whole MiB. */
function isOtherSize({ bytes, hugePages }: SharedMemoryNeed, { hugePageBytes }: HostMemory): boolean {
  if (hugePages === null) return false
  const mebibyte = 1024 ** 2
  return hugePages * hugePageBytes < bytes - mebibyte || (hugePages - 1) * hugePageBytes > bytes + mebibyte
}
