import type { DiskClass, Machine } from '../recommend/machine.ts'
import { isSameFileSystem } from './place.ts'
import type { SaidMachine } from './detected.ts'
import type { FoundHost } from './found-host.ts'
import type { HostFacts } from './host-facts.ts'

/**
 * The machine as what is said and what was found make it together.
 * @param whyNot - half a sentence, where no host was found
 */
export function machineOf(
  known: {
    readonly host: FoundHost | undefined
    readonly facts: HostFacts
    readonly said: SaidMachine
    readonly diskClass: DiskClass
  },
  whyNot: string,
): { readonly machine: Machine | null; readonly whyNoMachine: string | null } {
  const { host, facts, said, diskClass } = known
  const memoryBytes = said.memoryBytes ?? host?.memory.bytes
  const processors = said.processors ?? host?.processors.value
  if (memoryBytes === undefined || processors === undefined) {
    return {
      machine: null,
      whyNoMachine: `nothing is known of the server's machine, because ${whyNot}: say what it has (--memory and --cpu, and --disk where you know it)`,
    }
  }
  const { data, wal } = host ?? {}
  const hasOwnWal = data !== undefined && wal !== undefined && !isSameFileSystem(data, wal)
  return {
    machine: {
      memoryBytes,
      processors,
      diskClass,
      dataDiskBytes: data?.sizeBytes ?? null,
      walDiskBytes: hasOwnWal ? wal.sizeBytes : null,
      fileSystem: data === undefined ? null : kindOf(data.mount.type),
      freeHugePageBytes: facts.hugePages === null ? null : facts.hugePages.free * facts.hugePages.pageBytes,
    },
    whyNoMachine: null,
  }
}

/** Versions of NFS are one kind. */
function kindOf(type: string): string {
  return type === 'nfs4' ? 'nfs' : type
}
