import type { KernelFiles } from '../../../common/kernel/kernel-files.ts'
import type { FoundHost } from './found-host.ts'
import type { HostFacts } from './host-facts.ts'
import { readKernelFacts } from './kernel-facts.ts'

/** @param found - undefined where the server is not on this host */
export function hostFactsOf(files: KernelFiles, found: FoundHost | undefined): HostFacts {
  const { data, wal, tablespaces = [] } = found ?? {}
  const disks = new Map(
    [data, wal, ...tablespaces].flatMap((place) => place?.disks ?? []).map((disk) => [disk.name, disk]),
  )
  return {
    ...readKernelFacts(files, found?.pid ?? null),
    isContainer: found?.container !== undefined,
    otherProcessesBytes: found?.memory.otherProcessesBytes ?? null,
    freeDataDiskBytes: data?.freeBytes ?? null,
    freeWalDiskBytes: (wal ?? data)?.freeBytes ?? null,
    disks: [...disks.values()].map(({ name, model, scheduler, readAheadBytes }) => ({
      name,
      model,
      scheduler,
      readAheadBytes,
    })),
  }
}
