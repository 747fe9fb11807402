import { printAbout, printShare } from '../../../../common/tuning/print-size.ts'
import type { HostFacts } from '../host-facts.ts'
import type { Findings } from './findings.ts'
import { isSameFileSystem } from '../place.ts'

/** Judgement: less than that is a disk that needs somebody soon. */
const littleFree = 0.1

/** What somebody should know before he reads anything else, a sentence each. */
export function unusual(found: Findings): readonly string[] {
  const { host, owner, whyNoMachine, disk, facts } = found
  return [
    ...(whyNoMachine === null ? [] : [whyNoMachine]),
    ...(owner.kind === 'plain' && owner.mayApply ? [] : [`${owner.name} keeps the settings: ${owner.how}`]),
    ...owner.notes,
    ...(found.said.memoryBytes === null ? (host?.memory.notes ?? []) : []),
    ...(disk.note === undefined ? [] : [disk.note]),
    ...places(found),
    ...kernel(facts),
  ]
}

function places({ host, told }: Findings): readonly string[] {
  if (host === undefined) return []
  const { data, wal, tablespaces } = host
  if (data === undefined)
    return [
      'where its data lies is not known: its role may not read data_directory (pg_read_all_settings, which pg_monitor has)',
    ]
  const notes: string[] = []
  if (wal?.isSeen === false && isSameFileSystem(wal, data)) {
    notes.push(
      `${told.dataDirectory ?? 'its data directory'} cannot be looked into by this agent: whether pg_wal has a file system of its own is not known`,
    )
  }
  if (data.mount.type === 'tmpfs')
    notes.push('the data lies in memory (tmpfs): a restart of the machine loses it')
  if (data.mount.type === 'overlay')
    notes.push('the data lies in the layer of a container, and is gone with it: a volume would keep it')
  for (const one of tablespaces) {
    if (one.diskClass !== data.diskClass && !isSameFileSystem(one, data)) {
      notes.push(
        `tablespace ${one.name} lies on another kind of disk (${one.why}): it can have its own random_page_cost and effective_io_concurrency (ALTER TABLESPACE)`,
      )
    }
  }
  for (const [name, place] of [['data', data] as const, ['WAL', wal] as const]) {
    if (place === undefined || place.sizeBytes === null || place.freeBytes === null) continue
    if (name === 'WAL' && isSameFileSystem(place, data)) continue
    if (place.freeBytes < littleFree * place.sizeBytes) {
      notes.push(
        `only ${printAbout(place.freeBytes)} of ${printAbout(place.sizeBytes)} (${printShare(place.freeBytes / place.sizeBytes)}) are free for its ${name}`,
      )
    }
  }
  return notes
}

function kernel(facts: HostFacts): readonly string[] {
  const notes: string[] = []
  if (facts.transparentHugePages === 'always')
    notes.push(
      'transparent huge pages are always on: PostgreSQL does not ask for them, and making room for them stops it at times',
    )
  if ((facts.numaNodes ?? 1) > 1)
    notes.push(
      `its memory lies on ${facts.numaNodes ?? 0} NUMA nodes: vm.zone_reclaim_mode and kernel.numa_balancing should be 0`,
    )
  if (facts.clockSource !== null && /hpet|acpi_pm|jiffies/.test(facts.clockSource))
    notes.push(`its clock (${facts.clockSource}) is slow to read: track_io_timing costs much with it`)
  if ((facts.memoryLimitEvents ?? 0) > 0)
    notes.push(`its cgroup has held it back ${facts.memoryLimitEvents ?? 0} times because of memory`)
  return notes
}
