import { availableParallelism } from 'node:os'
import type { KernelFiles } from '../../../../common/kernel/kernel-files.ts'
import { diskGauges, readDiskTime } from './disk-time.ts'
import type { DiskName, DiskTime } from './disk-time.ts'
import {
  readAvailableShare,
  readLoad,
  readPressure,
  readProcessorTime,
  readSwappedIn,
} from './kernel-figures.ts'
import type { ProcessorTime } from './kernel-figures.ts'

/** Numbers of a server's machine, which the kernel tells; in a history they stand beside those of a server's views. */
export const hostView = {
  name: 'host',
  pace: 'sample',
  counters: ['swapped_in_pages'],
  /**
   * Since the look before: cpu_busy (0 to 1), and of the disk of the data disk_busy (0 to 1), disk_queue (requests in flight) and the
   * mean time of a read and a write in milliseconds. Of the last minute: load_per_processor, memory_pressure and io_pressure (percent).
   */
  gauges: [
    'cpu_busy',
    'load_per_processor',
    'memory_available_share',
    'memory_pressure',
    'io_pressure',
    'disk_busy',
    'disk_queue',
    'disk_read_ms',
    'disk_write_ms',
  ],
} as const

export interface HostNumbers {
  readonly counters: ReadonlyMap<string, number>
  readonly gauges: ReadonlyMap<string, number>
}

/** Looks at the machine again and again. @returns what is known, by names such as `host.cpu_busy` */
export type HostLook = (disk: DiskName | undefined) => HostNumbers

/** @param monotonic - milliseconds */
export function createHostLook(files: KernelFiles, monotonic: () => number): HostLook {
  let before: { readonly atMs: number; readonly processor?: ProcessorTime; readonly disk?: DiskTime } = {
    atMs: 0,
  }
  return (name) => {
    const atMs = monotonic()
    const processor = readProcessorTime(files)
    const diskstats = name === undefined ? undefined : files.readIfThere('proc/diskstats')
    const disk = name === undefined || diskstats === undefined ? undefined : readDiskTime(diskstats, name)
    const gauges: [string, number | undefined][] = [
      ['load_per_processor', dividedBy(readLoad(files), availableParallelism())],
      ['memory_available_share', readAvailableShare(files)],
      ['memory_pressure', readPressure(files, 'memory')],
      ['io_pressure', readPressure(files, 'io')],
    ]
    if (processor !== undefined && before.processor !== undefined) {
      const all = processor.all - before.processor.all
      const busy = processor.busy - before.processor.busy
      if (all > 0) gauges.push(['cpu_busy', Math.min(1, Math.max(0, busy / all))])
    }
    if (disk !== undefined && before.disk !== undefined) {
      for (const [gauge, value] of diskGauges(before.disk, disk, atMs - before.atMs))
        gauges.push([gauge, value])
    }
    before = {
      atMs,
      ...(processor === undefined ? {} : { processor }),
      ...(disk === undefined ? {} : { disk }),
    }
    return {
      counters: known([['swapped_in_pages', readSwappedIn(files)]]),
      gauges: known(gauges),
    }
  }
}

function dividedBy(value: number | undefined, by: number): number | undefined {
  return value === undefined ? undefined : value / by
}

function known(
  numbers: readonly (readonly [name: string, value: number | undefined])[],
): ReadonlyMap<string, number> {
  return new Map(
    numbers.flatMap(([name, value]) =>
      value === undefined ? [] : [[`${hostView.name}.${name}`, value] as const],
    ),
  )
}
