import { budgetHolds } from '../../../common/tuning/memory-budget.ts'
import { budgetOf } from './budget.ts'
import type { Load, Sizes } from './load.ts'
import { constants } from './constants.ts'
import { roundDown } from './sizes.ts'

/**
 * Makes sizes smaller until the budget holds: work_mem first, because a sort that goes to disk is slower and nothing else; then what maintenance
 * may use; then shared_buffers.
 * @returns the smallest ones where even they do not fit, which only fewer connections can help
 */
export function fitSizes(load: Load, wanted: Sizes): Sizes {
  let sizes = wanted
  for (const smaller of [smallerWorkMem, smallerMaintenance, smallerAutovacuum, smallerSharedBuffers]) {
    while (!budgetHolds(budgetOf(load, sizes))) {
      const next = smaller(sizes)
      if (next === undefined) break
      sizes = next
    }
  }
  return sizes
}

type Smaller = (sizes: Sizes) => Sizes | undefined

const smallerWorkMem: Smaller = (sizes) => {
  const workMem = constants.workMemSteps.findLast((step) => step < sizes.workMem)
  return workMem === undefined ? undefined : { ...sizes, workMem }
}

const halved = (bytes: number): number | undefined => {
  const half = roundDown(bytes / 2)
  return half < constants.shrinkLeastBytes ? undefined : half
}

const smallerMaintenance: Smaller = (sizes) => {
  const maintenance = halved(sizes.maintenance)
  if (maintenance === undefined) return undefined
  return { ...sizes, maintenance, autovacuum: Math.min(sizes.autovacuum, maintenance) }
}

const smallerAutovacuum: Smaller = (sizes) => {
  const autovacuum = halved(sizes.autovacuum)
  return autovacuum === undefined ? undefined : { ...sizes, autovacuum }
}

const smallerSharedBuffers: Smaller = (sizes) => {
  const sharedBuffers = roundDown(sizes.sharedBuffers * 0.9)
  return sharedBuffers < constants.sharedBuffersShrinkLeastBytes ? undefined : { ...sizes, sharedBuffers }
}
