import type { Profile } from './machine.ts'

/** What the settings of memory multiply with. */
export interface Load {
  readonly memoryBytes: number
  readonly profile: Profile
  readonly connections: number
  /** Sessions that run a statement at the same moment. */
  readonly active: number
  readonly parallelWorkers: number
  readonly vacuumWorkers: number
  readonly locksPerTransaction: number
  readonly preparedTransactions: number
  readonly walBufferBytes: number
  /** As the server has it; that of the baseline unless told. */
  readonly hashMemMultiplier?: number
  /** What all processes that decode WAL may keep of transactions before they write them to disk; nothing unless told. */
  readonly decodingBytes?: number
}

/** Settings of memory, bytes. */
export interface Sizes {
  readonly sharedBuffers: number
  readonly workMem: number
  readonly maintenance: number
  readonly autovacuum: number
}
