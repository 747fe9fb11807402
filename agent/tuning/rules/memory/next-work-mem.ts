import { constants as baseline } from '../../recommend/constants.ts'
import { constants } from './constants.ts'

/**
 * The steps above a size that may be next, the best first: the first that is as large as is wanted, or what comes nearest to it without
 * being more than the double, nor more than the most.
 */
export function nextWorkMem(now: number, wanted: number, most: number): readonly number[] {
  const least = baseline.workMemLeastBytes
  const limit = Math.min(most, Math.max(now * constants.step, least))
  const above = baseline.workMemSteps.filter((step) => step > now && step <= limit)
  const enough = above.findIndex((step) => step >= wanted)
  return above.slice(0, enough < 0 ? above.length : enough + 1).toReversed()
}

/** What work_mem may be at most of a profile. */
export function workMemMost(profile: keyof typeof baseline.workMemMost, memoryBytes: number): number {
  return profile === 'olap' && memoryBytes >= baseline.largeMemoryBytes
    ? baseline.workMemMostOlapLarge
    : baseline.workMemMost[profile]
}
