import type { MemoryBudget } from '../../../../common/tuning/memory-budget.ts'
import { printAbout, printShare } from '../../../../common/tuning/print-size.ts'
import { budgetOf } from '../../recommend/budget.ts'
import { chooseConnections } from '../../recommend/connections.ts'
import type { Load, Sizes } from '../../recommend/load.ts'
import { settingBytes } from '../../recommend/setting-bytes.ts'
import { settingOf } from '../../recommend/situation.ts'
import type { RuleInput } from '../rule.ts'

/** What would be other. */
export type MemoryChange = Partial<
  Sizes &
    Pick<Load, 'connections' | 'locksPerTransaction' | 'hashMemMultiplier'> & {
      /** logical_decoding_work_mem. */
      readonly decodingWorkMem: number
      /** What is beside all that, bytes. */
      readonly more: number
    }
>

/** Whether the worst case fits into the machine. */
export interface Room {
  readonly fits: boolean
  /** A clause with its figures, for the note of one that does not. */
  readonly why: string
}

/** The worst case of the server as it is set, but for what would be other, held against the limits of the budget. */
export function roomWith(
  input: Pick<RuleInput, 'situation' | 'evidence'>,
  { more = 0, ...change }: MemoryChange,
): Room {
  const { limits } = budgetWith(input, change)
  const { memoryBytes } = input.situation.machine
  const broken = limits.find(({ bytes, atMost }, i) => bytes + (i === 0 ? more : 0) > atMost * memoryBytes)
  if (broken === undefined) return { fits: true, why: '' }
  const share = broken.share + (broken === limits[0] ? more / memoryBytes : 0)
  return {
    fits: false,
    why: `${broken.what} would be ${printShare(share)} of ${printAbout(memoryBytes)} of memory, and ${printShare(broken.atMost)} is the most that may be promised`,
  }
}

function budgetWith(
  { situation, evidence }: Pick<RuleInput, 'situation' | 'evidence'>,
  change: Omit<MemoryChange, 'more'>,
): MemoryBudget {
  const { machine, profile } = situation
  const count = (name: string): number => settingOf(situation, name) ?? 0
  const bytes = (name: string): number => settingBytes(situation, name) ?? 0
  const connections = change.connections ?? count('max_connections')
  const maintenance = change.maintenance ?? bytes('maintenance_work_mem')
  const autovacuum = bytes('autovacuum_work_mem')
  const decoding = change.decodingWorkMem ?? bytes('logical_decoding_work_mem')
  const load: Load = {
    memoryBytes: machine.memoryBytes,
    profile,
    connections,
    active: Math.min(connections, chooseConnections(situation).active),
    parallelWorkers: count('max_parallel_workers'),
    vacuumWorkers: count('autovacuum_max_workers'),
    locksPerTransaction: change.locksPerTransaction ?? count('max_locks_per_transaction'),
    preparedTransactions: count('max_prepared_transactions'),
    walBufferBytes: bytes('wal_buffers'),
    hashMemMultiplier: change.hashMemMultiplier ?? count('hash_mem_multiplier'),
    decodingBytes: decoding * (evidence.max('decoding.active') ?? 0),
  }
  return budgetOf(load, {
    sharedBuffers: change.sharedBuffers ?? bytes('shared_buffers'),
    workMem: change.workMem ?? bytes('work_mem'),
    maintenance,
    // As long as it is -1 each worker takes maintenance_work_mem.
    autovacuum: change.autovacuum ?? (autovacuum < 0 ? maintenance : autovacuum),
  })
}
