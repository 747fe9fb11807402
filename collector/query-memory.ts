import { totalmem } from 'node:os'
import { createMemoryBudget } from '../common/memory-budget.ts'
import type { MemoryBudget } from '../common/memory-budget.ts'
import type { Figure } from '../common/self-metrics.ts'

const least = 256 * 2 ** 20

/** What all running queries may hold together, one of them half of it: a quarter of the memory unless told. */
export function createQueryMemory(maxBytes: number | undefined): MemoryBudget {
  // 0 where the control group sets no limit, and far beyond the machine's memory on some kernels.
  const allowed = process.constrainedMemory()
  const memory = allowed > 0 ? Math.min(allowed, totalmem()) : totalmem()
  const totalBytes = maxBytes ?? Math.max(least, Math.floor(memory / 4))
  return createMemoryBudget({ totalBytes, accountBytes: Math.ceil(totalBytes / 2) })
}

export function queryMemoryFigure(memory: Pick<MemoryBudget, 'reservedBytes'>): Figure {
  return {
    name: 'pgherd_query_memory_bytes',
    help: 'What running queries have set aside for samples and results.',
    read: () => memory.reservedBytes,
  }
}
