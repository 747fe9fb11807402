import type { SampleRow, SampleTable } from '../../common/series/sample-table.ts'
import type { KernelFiles } from '../../common/kernel/kernel-files.ts'
import { numberOf } from './table.ts'

const base = 'sys/devices/system/cpu'

/** The numbers of the CPUs that have a directory in /sys. */
export function cpusOf(files: KernelFiles): readonly string[] {
  return files.list(base).flatMap((name) => /^cpu(\d+)$/.exec(name)?.[1] ?? [])
}

/** How often cores and packages were slowed down because of heat; each once, however many threads share it. */
export function readThrottles(files: KernelFiles): readonly SampleTable[] {
  const cores = new Map<string, SampleRow>()
  const packages = new Map<string, SampleRow>()
  for (const cpu of cpusOf(files)) {
    const at = `${base}/cpu${cpu}`
    const socket = files.value(`${at}/topology/physical_package_id`)
    const core = files.value(`${at}/topology/core_id`)
    if (socket === undefined || core === undefined) continue
    const key = `${socket}/${core}`
    if (!cores.has(key)) {
      const count = numberOf(files.value(`${at}/thermal_throttle/core_throttle_count`))
      // arm64 has sockets and cores, but no such counts.
      if (count !== undefined) cores.set(key, { labels: [core, socket], values: [count] })
    }
    if (!packages.has(socket)) {
      const count = numberOf(files.value(`${at}/thermal_throttle/package_throttle_count`))
      if (count !== undefined) packages.set(socket, { labels: [socket], values: [count] })
    }
  }
  return [
    {
      metrics: ['node_cpu_core_throttles_total'],
      labelNames: ['core', 'package'],
      rows: [...cores.values()],
    },
    { metrics: ['node_cpu_package_throttles_total'], labelNames: ['package'], rows: [...packages.values()] },
  ]
}
