import type { KernelFiles } from '../../../common/kernel/kernel-files.ts'
import { parseMeminfo } from '../parse-meminfo.ts'
import type { HostFacts } from './host-facts.ts'
import { placeFor } from './limits.ts'
import { countOf } from './processors.ts'
import { readNumber } from './read-number.ts'
import { readSysctls } from './sysctls.ts'

/** What of HostFacts the kernel alone says; the rest needs the server's processes and directories. */
export type KernelFacts = Omit<
  HostFacts,
  'isContainer' | 'otherProcessesBytes' | 'freeDataDiskBytes' | 'freeWalDiskBytes' | 'disks'
>

/** @param pid - of the postmaster; null where it is not on this host, of which nothing is then to be said */
export function readKernelFacts(files: KernelFiles, pid: number | null): KernelFacts {
  if (pid === null) return noKernelFacts
  const memory = parseMeminfo(files.value('proc/meminfo') ?? '')
  const of = (name: string): number | null => memory.get(name) ?? null
  const [swapTotal, swapFree] = [of('SwapTotal'), of('SwapFree')]
  const huge = of('HugePages_Total')
  return {
    memoryTotalBytes: of('MemTotal'),
    memoryAvailableBytes: of('MemAvailable'),
    swapTotalBytes: swapTotal,
    swapUsedBytes: swapTotal === null || swapFree === null ? null : swapTotal - swapFree,
    pageTableBytes: of('PageTables'),
    committedBytes: of('Committed_AS'),
    commitLimitBytes: of('CommitLimit'),
    hugePages:
      huge === null
        ? null
        : {
            total: huge,
            // What is reserved is free in name only.
            free: Math.max(0, (of('HugePages_Free') ?? 0) - (of('HugePages_Rsvd') ?? 0)),
            pageBytes: of('Hugepagesize') ?? 2 * 1024 ** 2,
          },
    transparentHugePages: chosen(files, 'sys/kernel/mm/transparent_hugepage/enabled'),
    transparentHugePageDefrag: chosen(files, 'sys/kernel/mm/transparent_hugepage/defrag'),
    clockSource: files.value('sys/devices/system/clocksource/clocksource0/current_clocksource') ?? null,
    frequencyGovernor: files.value('sys/devices/system/cpu/cpu0/cpufreq/scaling_governor') ?? null,
    openFileLimit: limitOf(files, pid, 'Max open files'),
    oomScoreAdjust: readNumber(files, `proc/${pid}/oom_score_adj`) ?? null,
    sysctls: readSysctls(files),
    memoryPressurePercent: pressureOf(files, pid),
    memoryLimitEvents: limitEventsOf(files, pid),
    numaNodes: countOf(files.value('sys/devices/system/node/has_memory')) ?? null,
  }
}

const noKernelFacts: KernelFacts = {
  memoryTotalBytes: null,
  memoryAvailableBytes: null,
  swapTotalBytes: null,
  swapUsedBytes: null,
  pageTableBytes: null,
  committedBytes: null,
  commitLimitBytes: null,
  hugePages: null,
  transparentHugePages: null,
  transparentHugePageDefrag: null,
  clockSource: null,
  frequencyGovernor: null,
  openFileLimit: null,
  oomScoreAdjust: null,
  sysctls: new Map(),
  memoryPressurePercent: null,
  memoryLimitEvents: null,
  numaNodes: null,
}

/** Of `always [madvise] never`. */
function chosen(files: KernelFiles, path: string): string | null {
  return /\[(\w+(?:\+\w+)?)\]/.exec(files.value(path) ?? '')?.[1] ?? null
}

/** The soft limit of /proc/<pid>/limits (proc_pid_limits(5)). */
function limitOf(files: KernelFiles, pid: number, name: string): number | null {
  const [, soft] =
    new RegExp(`^${name}\\s+(\\d+)\\s`, 'm').exec(files.value(`proc/${pid}/limits`) ?? '') ?? []
  return soft === undefined ? null : Number(soft)
}

/** Of the cgroup where it has its own (version 2), else of the host. Source: accounting/psi.rst of the kernel. */
function pressureOf(files: KernelFiles, pid: number): number | null {
  const place = placeFor(files, pid, 'memory')
  const own = place?.version === 2 ? files.value(`${place.directories[0]}/memory.pressure`) : undefined
  const text = own ?? files.value('proc/pressure/memory') ?? ''
  const [, average] = /^some .*\bavg60=([\d.]+)/m.exec(text) ?? []
  return average === undefined ? null : Number(average)
}

/** memory.events counts also what happens below it; version 1 has one counter, of the limit. */
function limitEventsOf(files: KernelFiles, pid: number): number | null {
  const place = placeFor(files, pid, 'memory')
  if (place === undefined) return null
  const at = place.directories[0]!
  if (place.version === 1) return readNumber(files, `${at}/memory.failcnt`) ?? null
  const events = files.value(`${at}/memory.events`)
  if (events === undefined) return null
  return [...events.matchAll(/^(?:high|max) (\d+)$/gm)].reduce((sum, [, count]) => sum + Number(count), 0)
}
