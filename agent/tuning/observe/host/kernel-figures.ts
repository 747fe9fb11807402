import type { KernelFiles } from '../../../../common/kernel/kernel-files.ts'

/** Processor time in ticks, all processors together; see proc_stat(5). */
export interface ProcessorTime {
  readonly all: number
  /** Neither idle nor waiting for a disk. Time that another machine took of ours counts, since nobody could have it. */
  readonly busy: number
}

export function readProcessorTime(files: KernelFiles): ProcessorTime | undefined {
  const line = /^cpu +(.*)$/m.exec(files.readIfThere('proc/stat') ?? '')?.[1]
  // What comes behind is of guests, whose time is in the first two already.
  const [user, nice, system, idle, waiting, ...rest] = (line ?? '').split(' ').slice(0, 8).map(Number)
  if (user === undefined || nice === undefined || system === undefined || idle === undefined) return undefined
  const busy = rest.reduce((sum, ticks) => sum + ticks, user + nice + system)
  return { busy, all: busy + idle + (waiting ?? 0) }
}

/** The share of memory that can be had without swapping, 0 to 1; see proc_meminfo(5). */
export function readAvailableShare(files: KernelFiles): number | undefined {
  const text = files.readIfThere('proc/meminfo') ?? ''
  const total = Number(/^MemTotal: +(\d+)/m.exec(text)?.[1] ?? NaN)
  const available = Number(/^MemAvailable: +(\d+)/m.exec(text)?.[1] ?? NaN)
  return total > 0 && available >= 0 ? available / total : undefined
}

/** Pages read from swap since the machine started. */
export function readSwappedIn(files: KernelFiles): number | undefined {
  const pages = /^pswpin (\d+)$/m.exec(files.readIfThere('proc/vmstat') ?? '')?.[1]
  return pages === undefined ? undefined : Number(pages)
}

/** Of the last minute, the percentage in which some process waited for it; Documentation/accounting/psi.rst. */
export function readPressure(files: KernelFiles, of: 'memory' | 'io'): number | undefined {
  const percent = /^some avg10=[\d.]+ avg60=([\d.]+)/m.exec(files.readIfThere(`proc/pressure/${of}`) ?? '')
  return percent === null ? undefined : Number(percent[1])
}

/** The load of the last minute. */
export function readLoad(files: KernelFiles): number | undefined {
  const load = Number.parseFloat(files.readIfThere('proc/loadavg') ?? '')
  return Number.isFinite(load) ? load : undefined
}
