import type { Evidence } from '../../evidence/evidence.ts'
import { constants } from './constants.ts'

/** Whether what shared_buffers does not have is in the kernel's page cache, so that hardly a read waits for the disk. */
export function isAnsweredByMemory(evidence: Evidence): boolean {
  const busy = evidence.mean('host.disk_busy')
  if (busy !== undefined) return busy < constants.idleDisk
  const reads = (evidence.increase('io.reads') ?? 0) + (evidence.increase('io.bulk_reads') ?? 0)
  const ms = (evidence.increase('io.read_ms') ?? 0) + (evidence.increase('io.bulk_read_ms') ?? 0)
  return reads > 0 && ms / reads < constants.pageCacheMs
}
