import type { Load } from './load.ts'
import { constants } from './constants.ts'
import { GiB, MiB } from './sizes.ts'

/**
 * What a server asks the kernel for at its start, bytes. A fit to shared_memory_size of PostgreSQL 15 to 18 with shared_buffers from 96 MB to 256 GB
 * and up to 2000 connections, within 3 %; `postgres -C shared_memory_size` says it exactly.
 */
export function sharedMemoryBytes(
  load: Pick<Load, 'connections' | 'locksPerTransaction' | 'preparedTransactions' | 'walBufferBytes'>,
  sharedBuffers: number,
): number {
  const { connections, locksPerTransaction, preparedTransactions, walBufferBytes } = load
  const factor = sharedBuffers < 4 * GiB ? 1.03 : sharedBuffers <= 64 * GiB ? 1.027 : 1.021
  const locks = (locksPerTransaction - 64) * (connections + preparedTransactions + 25) * 0.00037 * MiB
  const wal = Math.max(0, walBufferBytes - constants.walBuffersAutomaticBytes)
  return Math.ceil(sharedBuffers * factor + 25 * MiB + 0.05 * MiB * connections + locks + wal)
}
