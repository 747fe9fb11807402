import type { BudgetLimit, BudgetRow, MemoryBudget } from '../../../common/tuning/memory-budget.ts'
import { printAbout, printSetting } from '../../../common/tuning/print-size.ts'
import { constants } from './constants.ts'
import type { Load, Sizes } from './load.ts'
import { sharedMemoryBytes } from './shared-memory.ts'

/** What a page table has for a page. Source: the x86-64 and arm64 page tables, 8 bytes per entry. */
const pageEntryBytes = 8
const pageBytes = 4096

/** Whether shared memory is large enough to be worth huge pages. */
export const wantsHugePages = ({ sharedBuffers }: Pick<Sizes, 'sharedBuffers'>): boolean =>
  sharedBuffers >= constants.hugePagesFromBytes

/** What page tables take when every connection has touched all of shared_buffers. */
export function pageTableBytes(
  { connections }: Pick<Load, 'connections'>,
  sharedBuffers: number,
  isHuge: boolean,
): number {
  const page = isHuge ? constants.hugePageBytes : pageBytes
  return Math.ceil((connections * sharedBuffers * pageEntryBytes) / page)
}

/** The worst case of memory: every connection in use, every worker busy, an index being built. */
export function budgetOf(load: Load, sizes: Sizes): MemoryBudget {
  const { memoryBytes, connections, active, parallelWorkers, vacuumWorkers, profile } = load
  const { workMem, maintenance, autovacuum, sharedBuffers } = sizes
  const isHuge = wantsHugePages(sizes)
  const nodes = constants.nodes[profile]
  const { hashMemMultiplier = constants.hashMemMultiplier, decodingBytes = 0 } = load
  const hash = 1 + constants.hashShare * (hashMemMultiplier - 1)
  const row = (what: string, bytes: number, counted: string): BudgetRow => ({
    what,
    bytes,
    share: bytes / memoryBytes,
    counted,
  })
  const shared = row(
    'shared memory',
    sharedMemoryBytes(load, sharedBuffers),
    `shared_buffers ${printSetting(sharedBuffers)}, and what ${connections} connections and their locks need of it`,
  )
  const rows = [
    shared,
    row(
      'connections',
      connections * constants.connectionBytes,
      `${connections} connections, ${printAbout(constants.connectionBytes)} each`,
    ),
    row(
      'page tables',
      pageTableBytes(load, sharedBuffers, isHuge),
      isHuge
        ? `with huge pages; ${printAbout(pageTableBytes(load, sharedBuffers, false))} without them`
        : `${connections} connections that have touched all of shared_buffers`,
    ),
    row(
      'autovacuum',
      vacuumWorkers * autovacuum,
      `${vacuumWorkers} workers, autovacuum_work_mem ${printSetting(autovacuum)} each`,
    ),
    row(
      'maintenance',
      maintenance,
      `one index being built, maintenance_work_mem ${printSetting(maintenance)}`,
    ),
    ...(decodingBytes === 0
      ? []
      : [row('logical decoding', decodingBytes, 'logical_decoding_work_mem of each process that decodes')]),
    row(
      'queries',
      Math.ceil((active + parallelWorkers) * workMem * nodes * hash),
      `${active} active sessions and ${parallelWorkers} parallel workers, ${nodes} sorts or hashes of work_mem ${printSetting(workMem)} each, half of them hashes with ${hashMemMultiplier} times that`,
    ),
  ]
  const limit = (what: string, bytes: number, atMost: number): BudgetLimit => ({
    what,
    bytes,
    share: bytes / memoryBytes,
    atMost,
    holds: bytes <= atMost * memoryBytes,
  })
  const total = rows.reduce((sum, { bytes }) => sum + bytes, 0)
  const each = shared.bytes + connections * workMem
  return {
    memoryBytes,
    rows,
    limits: [
      limit('everything together', total, constants.budgetShare),
      limit(
        'shared memory and work_mem once for every connection',
        each,
        constants.budgetEveryConnectionShare,
      ),
      limit('shared memory', shared.bytes, constants.budgetSharedShare),
    ],
  }
}
