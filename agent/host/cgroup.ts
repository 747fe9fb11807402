import type { SampleRow, SampleTable } from '../../common/series/sample-table.ts'
import { cpuOf, memoryOf, pidsOf, pressureOf } from './cgroup-files.ts'
import { readDeviceIo } from './cgroup-io.ts'
import { placesOf } from '../../common/kernel/cgroup-path.ts'
import type { CgroupPlace, PlaceOf } from '../../common/kernel/cgroup-path.ts'
import { createKernelFiles } from '../../common/kernel/kernel-files.ts'
import type { KernelFiles } from '../../common/kernel/kernel-files.ts'
import { plainTable } from './table.ts'

/** The figures of the cgroup of a process; none where it has ended or no cgroup can be seen. */
export type ReadCgroup = (pid: number) => Promise<readonly SampleTable[]>

const ioMetrics = [
  'pgherd_cgroup_io_read_bytes_total',
  'pgherd_cgroup_io_written_bytes_total',
  'pgherd_cgroup_io_reads_total',
  'pgherd_cgroup_io_writes_total',
]

/**
 * Reads what the kernel accounts to the control group of a process, of either version (admin-guide/cgroup-v1 and
 * cgroup-v2.rst): for a server in a container or a service, the limits under which it really runs. A figure that this
 * kernel or this version does not have is left out. All values are of the cgroup with everything below it.
 *
 * - pgherd_cgroup_info{version, path}: 1
 * - pgherd_cgroup_memory_*_bytes: current, peak, limit, high (from where it is slowed down), swap, swap_limit, anon,
 *   file (page cache, including shmem, which holds shared_buffers), shmem, kernel
 * - pgherd_cgroup_memory_oom_kills_total, _limit_hits_total: processes killed; times it ran against its limit
 * - pgherd_cgroup_cpu_{usage,user,system,throttled}_seconds_total, _cpu_periods_total, _cpu_throttled_periods_total
 * - pgherd_cgroup_cpu_quota_cores: CPU time per time that it may have
 * - pgherd_cgroup_io_{read,written}_bytes_total, _io_{reads,writes}_total {device}
 * - pgherd_cgroup_pids_current, _pids_limit
 * - pgherd_cgroup_pressure_{cpu,io,memory}_{waiting,stalled}_seconds_total (version 2)
 *
 * A limit is the tightest of its own and of all cgroups above it that can be seen; without any there is no sample.
 * @returns a function that rejects only when /proc/self/mountinfo cannot be read
 */
export function createCgroupReader(options: { readonly root?: string } = {}): ReadCgroup {
  // Nothing is kept open, so there is no time to be told and nothing to dispose of.
  const files = createKernelFiles(options.root ?? '/', () => 0)
  let before: string | undefined
  let placeOf: PlaceOf = () => undefined
  const devices = new Map<string, string>()

  const read = (pid: number): readonly SampleTable[] => {
    const text = files.value(`proc/${pid}/cgroup`)
    if (text === undefined) return []
    if (text !== before) {
      placeOf = placesOf(text, files)
      before = text
    }
    const main = placeOf('memory') ?? placeOf('cpu')
    if (main === undefined) return []
    const of = <T>(controller: string, get: (files: KernelFiles, place: CgroupPlace) => T): T | undefined => {
      const place = placeOf(controller)
      return place === undefined ? undefined : get(files, place)
    }
    const info = {
      metrics: ['pgherd_cgroup_info'],
      labelNames: ['path', 'version'],
      rows: [{ labels: [main.path, String(main.version)], values: [1] }],
    }
    const values = [
      of('memory', memoryOf),
      of('cpu', (_, place) => cpuOf(files, place, placeOf('cpuacct'))),
      of('pids', pidsOf),
      // Pressure is of version 2 alone.
      main.version === 2 ? pressureOf(files, main) : undefined,
    ].flatMap((found) => [...(found ?? [])])
    const io = of(main.version === 1 ? 'blkio' : 'io', readDeviceIo) ?? new Map<string, never>()
    const rows: SampleRow[] = [...io].map(([number, counts]) => ({
      labels: [nameOf(number)],
      values: counts,
    }))
    const tables: SampleTable[] = [info]
    if (values.length > 0) tables.push(plainTable(new Map(values)))
    if (rows.length > 0) tables.push({ metrics: ioMetrics, labelNames: ['device'], rows })
    return tables
  }

  /** The name of a device by its number, which is its directory in /sys. */
  const nameOf = (number: string): string => {
    let name = devices.get(number)
    if (name === undefined) {
      name = files.realPath(`sys/dev/block/${number}`)?.split('/').at(-1) ?? number
      if (devices.size < 1000) devices.set(number, name)
    }
    return name
  }

  return (pid) =>
    new Promise((resolve) => {
      resolve(read(pid))
    })
}
