import { tightestLimit } from '../../common/kernel/cgroup-path.ts'
import type { CgroupPlace } from '../../common/kernel/cgroup-path.ts'
import type { KernelFiles } from '../../common/kernel/kernel-files.ts'
import { fieldsOf, linesOf, numberOf, scaled } from './table.ts'

/** Metric names and values; undefined where this kernel says nothing. */
export type Values = readonly (readonly [string, number | undefined])[]

/** USER_HZ. */
const ticksPerSecond = 100

const prefix = 'pgherd_cgroup'

/** A file of `name value` lines. */
function readPairs(files: KernelFiles, path: string): (name: string) => number | undefined {
  const pairs = new Map<string, number | undefined>()
  for (const line of linesOf(files.value(path) ?? '')) {
    const [name, value] = fieldsOf(line)
    pairs.set(name!, numberOf(value))
  }
  return (name) => pairs.get(name)
}

export function memoryOf(files: KernelFiles, { version, directories }: CgroupPlace): Values {
  const at = directories[0]!
  const read = (file: string, where = at): number | undefined =>
    numberOf(files.value(`${where}/memory.${file}`))
  const limit = (file: string): number | undefined => tightestLimit(directories, (where) => read(file, where))
  const stat = readPairs(files, `${at}/memory.stat`)
  const name = (of: string): string => `${prefix}_memory_${of}`
  if (version === 2) {
    const events = readPairs(files, `${at}/memory.events`)
    return [
      [name('current_bytes'), read('current')],
      [name('peak_bytes'), read('peak')],
      [name('limit_bytes'), limit('max')],
      [name('high_bytes'), limit('high')],
      [name('swap_bytes'), read('swap.current')],
      [name('swap_limit_bytes'), limit('swap.max')],
      [name('anon_bytes'), stat('anon')],
      [name('file_bytes'), stat('file')],
      [name('shmem_bytes'), stat('shmem')],
      [name('kernel_bytes'), stat('kernel') ?? kernelOf(stat)],
      [name('oom_kills_total'), events('oom_kill')],
      [name('limit_hits_total'), events('max')],
    ]
  }
  return [
    [name('current_bytes'), read('usage_in_bytes')],
    [name('peak_bytes'), read('max_usage_in_bytes')],
    [name('limit_bytes'), limit('limit_in_bytes')],
    [name('swap_bytes'), stat('total_swap')],
    [name('anon_bytes'), stat('total_rss')],
    [name('file_bytes'), stat('total_cache')],
    [name('shmem_bytes'), stat('total_shmem')],
    [name('kernel_bytes'), read('kmem.usage_in_bytes')],
    [name('oom_kills_total'), readPairs(files, `${at}/memory.oom_control`)('oom_kill')],
    [name('limit_hits_total'), read('failcnt')],
  ]
}

/** Before Linux 5.18 there was no sum of it. */
function kernelOf(stat: (name: string) => number | undefined): number | undefined {
  const parts = ['kernel_stack', 'pagetables', 'percpu', 'sock', 'slab'].map(stat)
  if (parts.every((part) => part === undefined)) return undefined
  return parts.reduce<number>((sum, part) => sum + (part ?? 0), 0)
}

/** @param accounting of version 1, where use and limits can be in different hierarchies */
export function cpuOf(
  files: KernelFiles,
  { version, directories }: CgroupPlace,
  accounting: CgroupPlace | undefined,
): Values {
  const at = directories[0]!
  const stat = readPairs(files, `${at}/cpu.stat`)
  const name = (of: string): string => `${prefix}_cpu_${of}`
  const periods: Values = [
    [name('periods_total'), stat('nr_periods')],
    [name('throttled_periods_total'), stat('nr_throttled')],
  ]
  if (version === 2) {
    return [
      [name('usage_seconds_total'), scaled(stat('usage_usec'), 1e-6)],
      [name('user_seconds_total'), scaled(stat('user_usec'), 1e-6)],
      [name('system_seconds_total'), scaled(stat('system_usec'), 1e-6)],
      [name('throttled_seconds_total'), scaled(stat('throttled_usec'), 1e-6)],
      ...periods,
      [
        name('quota_cores'),
        tightestLimit(directories, (where) => {
          const [quota, period] = fieldsOf(files.value(`${where}/cpu.max`) ?? '')
          return ratio(numberOf(quota), numberOf(period))
        }),
      ],
    ]
  }
  const usedAt = accounting?.directories[0]
  const used = readPairs(files, `${usedAt}/cpuacct.stat`)
  const read = (where: string, file: string): number | undefined => numberOf(files.value(`${where}/${file}`))
  return [
    [
      name('usage_seconds_total'),
      usedAt === undefined ? undefined : scaled(read(usedAt, 'cpuacct.usage'), 1e-9),
    ],
    [name('user_seconds_total'), scaled(used('user'), 1 / ticksPerSecond)],
    [name('system_seconds_total'), scaled(used('system'), 1 / ticksPerSecond)],
    [name('throttled_seconds_total'), scaled(stat('throttled_time'), 1e-9)],
    ...periods,
    [
      name('quota_cores'),
      tightestLimit(directories, (where) =>
        ratio(read(where, 'cpu.cfs_quota_us'), read(where, 'cpu.cfs_period_us')),
      ),
    ],
  ]
}

function ratio(part: number | undefined, whole: number | undefined): number | undefined {
  return part === undefined || whole === undefined || whole <= 0 ? undefined : part / whole
}

export function pidsOf(files: KernelFiles, { directories }: CgroupPlace): Values {
  return [
    [`${prefix}_pids_current`, numberOf(files.value(`${directories[0]}/pids.current`))],
    [
      `${prefix}_pids_limit`,
      tightestLimit(directories, (where) => numberOf(files.value(`${where}/pids.max`))),
    ],
  ]
}

/** Time in which some of its tasks waited, and in which all of them did. */
export function pressureOf(files: KernelFiles, { directories }: CgroupPlace): Values {
  return ['cpu', 'io', 'memory'].flatMap((resource) => {
    const text = files.value(`${directories[0]}/${resource}.pressure`) ?? ''
    const total = (share: string): number | undefined =>
      scaled(numberOf(new RegExp(`^${share} .*\\btotal=(\\d+)$`, 'm').exec(text)?.[1]), 1e-6)
    return [
      [`${prefix}_pressure_${resource}_waiting_seconds_total`, total('some')] as const,
      [`${prefix}_pressure_${resource}_stalled_seconds_total`, total('full')] as const,
    ]
  })
}
