import { printAbout, printShare } from '../../../../common/tuning/print-size.ts'
import type { FoundHost } from '../found-host.ts'
import type { HostFacts } from '../host-facts.ts'
import type { Inventory } from '../inventory.ts'
import type { Told } from '../told.ts'
import { fact, section } from './section.ts'
import type { Section } from './section.ts'

const library = 'systeminformation'

/** Machine, processors and memory of a server's own host. */
export function machineSections(
  found: FoundHost,
  facts: HostFacts,
  inventory: Inventory,
  told: Told,
): readonly Section[] {
  const kind = found.isVirtual ? 'a virtual machine' : 'no sign of a virtual machine'
  return [
    ...section('Machine', [
      fact(
        'kind',
        found.container === undefined ? kind : `${kind}, and a container (${found.container})`,
        '/proc',
      ),
      fact('system', inventory.system, '/sys/class/dmi/id'),
      fact('operating system', inventory.operatingSystem, '/etc/os-release, /proc/sys/kernel/osrelease'),
      fact('postmaster', `process ${found.pid}`, `/proc/${found.pid}`),
    ]),
    ...section('Processors', [
      fact('for the server', String(found.processors.value), found.processors.from),
      fact('model', inventory.processor, library),
      fact('NUMA nodes', number(facts.numaNodes), '/sys/devices/system/node/has_memory'),
      fact('clock', facts.clockSource, '/sys/devices/system/clocksource'),
      fact('governor', facts.frequencyGovernor, '/sys/devices/system/cpu/cpu0/cpufreq'),
    ]),
    ...memorySection(found, facts, inventory, told),
  ]
}

function memorySection(
  { memory }: FoundHost,
  facts: HostFacts,
  inventory: Inventory,
  told: Told,
): readonly Section[] {
  const { memoryTotalBytes: total, hugePages } = facts
  const meminfo = '/proc/meminfo'
  const of = (bytes: number | null, whole: number | null): string | null => {
    if (bytes === null) return null
    return whole === null || whole === 0
      ? printAbout(bytes)
      : `${printAbout(bytes)} (${printShare(bytes / whole)})`
  }
  return section('Memory', [
    fact('for the server', printAbout(memory.bytes), memory.from),
    fact('of the host', total === null ? null : printAbout(total), `${meminfo}: MemTotal`),
    fact('modules', inventory.modules, library),
    fact('available', of(facts.memoryAvailableBytes, total), `${meminfo}: MemAvailable`),
    fact('of other processes', of(memory.otherProcessesBytes, total), '/proc/*/statm'),
    fact('other PostgreSQL servers', memory.otherServers === 0 ? null : String(memory.otherServers), '/proc'),
    fact(
      'swap',
      facts.swapTotalBytes === 0 ? 'none' : of(facts.swapUsedBytes, facts.swapTotalBytes),
      `${meminfo}: SwapTotal, SwapFree`,
    ),
    fact(
      'huge pages',
      hugePages === null
        ? null
        : hugePages.total === 0
          ? `none set aside (of ${printAbout(hugePages.pageBytes)})`
          : `${hugePages.free} of ${hugePages.total} free (of ${printAbout(hugePages.pageBytes)})`,
      `${meminfo}: HugePages_Free, HugePages_Total`,
    ),
    fact('huge pages in use', yesNo(told.usesHugePages), 'huge_pages_status'),
    fact(
      'transparent huge pages',
      withMore(facts.transparentHugePages, facts.transparentHugePageDefrag, 'defrag'),
      '/sys/kernel/mm/transparent_hugepage',
    ),
    fact('page tables', of(facts.pageTableBytes, total), `${meminfo}: PageTables`),
    fact(
      'promised to all',
      of(facts.committedBytes, facts.commitLimitBytes),
      `${meminfo}: Committed_AS of CommitLimit`,
    ),
    fact(
      'pressure',
      facts.memoryPressurePercent === null ? null : `${facts.memoryPressurePercent} % of the last minute`,
      'some avg60 of memory.pressure',
    ),
    fact(
      'held by its limit',
      facts.memoryLimitEvents === null ? null : `${facts.memoryLimitEvents} times`,
      'memory.events of its cgroup, or memory.failcnt',
    ),
  ])
}

function number(value: number | null): string | null {
  return value === null ? null : String(value)
}

function yesNo(value: boolean | null): string | null {
  return value === null ? null : value ? 'yes' : 'no'
}

function withMore(text: string | null, more: string | null, name: string): string | null {
  return text === null || more === null ? text : `${text}, ${name} ${more}`
}
