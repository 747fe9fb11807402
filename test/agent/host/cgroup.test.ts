import { describe, expect, test } from 'vitest'
import { createCgroupReader } from '../../../agent/host/cgroup.ts'
import { samples } from './samples.ts'
import { directory, plant } from './tree.ts'
import type { Tree } from './tree.ts'

const read = async (tree: Tree, pid = 42): Promise<Readonly<Record<string, number>>> =>
  samples(await createCgroupReader({ root: plant(tree) })(pid))

const unified = '30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n'
const service = 'sys/fs/cgroup/system.slice/postgresql.service'

const version2: Tree = {
  'proc/42/cgroup': '0::/system.slice/postgresql.service\n',
  'proc/self/mountinfo': `23 1 8:1 / / rw - ext4 /dev/sda1 rw\n${unified}`,
  ...directory(service, {
    'memory.current': '1073741824\n',
    'memory.peak': '2147483648\n',
    'memory.max': 'max\n',
    'memory.high': '3221225472\n',
    'memory.swap.current': '4096\n',
    'memory.swap.max': '0\n',
    'memory.stat': 'anon 100\nfile 900\nkernel 50\nshmem 700\npgfault 3\n',
    'memory.events': 'low 0\nhigh 1\nmax 7\noom 2\noom_kill 3\n',
    'cpu.stat':
      'usage_usec 6000000\nuser_usec 4000000\nsystem_usec 2000000\nnr_periods 10\nnr_throttled 4\nthrottled_usec 500000\n',
    'cpu.max': '250000 100000\n',
    'io.stat':
      '8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=5 dios=6\n259:0 rbytes=10 wbytes=20 rios=30 wios=40\n7:0 \n',
    'pids.current': '120\n',
    'pids.max': '4915\n',
    'cpu.pressure':
      'some avg10=0.00 avg60=0.00 avg300=0.00 total=1000000\nfull avg10=0 avg60=0 avg300=0 total=500000\n',
    'memory.pressure':
      'some avg10=0.00 avg60=0.00 avg300=0.00 total=0\nfull avg10=0 avg60=0 avg300=0 total=0\n',
    'io.pressure':
      'some avg10=0.00 avg60=0.00 avg300=0.00 total=2000000\nfull avg10=0 avg60=0 avg300=0 total=1\n',
  }),
  // The slice has a limit of memory, the service has none.
  'sys/fs/cgroup/system.slice/memory.max': '4294967296\n',
  'sys/fs/cgroup/system.slice/cpu.max': 'max 100000\n',
  'sys/fs/cgroup/system.slice/pids.max': 'max\n',
  'sys/dev/block/8:0': '-> ../../devices/pci0/sda',
  'sys/devices/pci0/sda/size': '1\n',
}

describe('of version 2', () => {
  test('all of it, with the tightest limit of itself and those above', async () => {
    expect(await read(version2)).toEqual({
      'pgherd_cgroup_info{/system.slice/postgresql.service,2}': 1,
      pgherd_cgroup_memory_current_bytes: 1_073_741_824,
      pgherd_cgroup_memory_peak_bytes: 2_147_483_648,
      pgherd_cgroup_memory_limit_bytes: 4_294_967_296,
      pgherd_cgroup_memory_high_bytes: 3_221_225_472,
      pgherd_cgroup_memory_swap_bytes: 4096,
      pgherd_cgroup_memory_swap_limit_bytes: 0,
      pgherd_cgroup_memory_anon_bytes: 100,
      pgherd_cgroup_memory_file_bytes: 900,
      pgherd_cgroup_memory_shmem_bytes: 700,
      pgherd_cgroup_memory_kernel_bytes: 50,
      pgherd_cgroup_memory_oom_kills_total: 3,
      pgherd_cgroup_memory_limit_hits_total: 7,
      pgherd_cgroup_cpu_usage_seconds_total: 6,
      pgherd_cgroup_cpu_user_seconds_total: 4,
      pgherd_cgroup_cpu_system_seconds_total: 2,
      pgherd_cgroup_cpu_periods_total: 10,
      pgherd_cgroup_cpu_throttled_periods_total: 4,
      pgherd_cgroup_cpu_throttled_seconds_total: 0.5,
      pgherd_cgroup_cpu_quota_cores: 2.5,
      'pgherd_cgroup_io_read_bytes_total{sda}': 1,
      'pgherd_cgroup_io_written_bytes_total{sda}': 2,
      'pgherd_cgroup_io_reads_total{sda}': 3,
      'pgherd_cgroup_io_writes_total{sda}': 4,
      // A device without a directory in /sys keeps its number.
      'pgherd_cgroup_io_read_bytes_total{259:0}': 10,
      'pgherd_cgroup_io_written_bytes_total{259:0}': 20,
      'pgherd_cgroup_io_reads_total{259:0}': 30,
      'pgherd_cgroup_io_writes_total{259:0}': 40,
      pgherd_cgroup_pids_current: 120,
      pgherd_cgroup_pids_limit: 4915,
      pgherd_cgroup_pressure_cpu_waiting_seconds_total: 1,
      pgherd_cgroup_pressure_cpu_stalled_seconds_total: 0.5,
      pgherd_cgroup_pressure_memory_waiting_seconds_total: 0,
      pgherd_cgroup_pressure_memory_stalled_seconds_total: 0,
      pgherd_cgroup_pressure_io_waiting_seconds_total: 2,
      pgherd_cgroup_pressure_io_stalled_seconds_total: 0.000001,
    })
  })

  test('kernel memory of kernels that give no sum of it is the sum of its parts', async () => {
    const found = await read({
      ...version2,
      [`${service}/memory.stat`]: 'anon 1\nkernel_stack 10\npagetables 20\nslab 300\n',
    })
    expect(found).toMatchObject({ pgherd_cgroup_memory_kernel_bytes: 330 })
  })

  test('in a container, whose cgroup is seen at the mount point', async () => {
    const found = await read({
      'proc/42/cgroup': '0::/docker/abc/init\n',
      'proc/self/mountinfo': '30 23 0:26 /docker/abc /sys/fs/cgroup ro - cgroup2 cgroup rw\n',
      'sys/fs/cgroup/init/memory.current': '5\n',
      'sys/fs/cgroup/memory.max': '100\n',
    })
    expect(found).toMatchObject({
      pgherd_cgroup_memory_current_bytes: 5,
      pgherd_cgroup_memory_limit_bytes: 100,
    })
  })

  test('one outside of what can be seen from here gives nothing', async () => {
    expect(await read({ ...version2, 'proc/42/cgroup': '0::/../../other\n' })).toEqual({})
    expect(
      await read({
        'proc/42/cgroup': '0::/docker/other\n',
        'proc/self/mountinfo': '30 23 0:26 /docker/abc /sys/fs/cgroup ro - cgroup2 cgroup rw\n',
      }),
    ).toEqual({})
  })
})

describe('of version 1', () => {
  const mount = (directoryName: string, controllers: string): string =>
    `40 23 0:30 / /sys/fs/cgroup/${directoryName} rw - cgroup cgroup rw,${controllers}\n`
  const version1: Tree = {
    'proc/42/cgroup': `9:name=systemd:/system.slice/postgresql.service
8:pids:/system.slice/postgresql.service
5:blkio:/system.slice
4:memory:/system.slice/postgresql.service
2:cpu,cpuacct:/system.slice/postgresql.service
0::/system.slice/postgresql.service
`,
    'proc/self/mountinfo':
      mount('cpu,cpuacct', 'cpu,cpuacct') +
      mount('memory', 'memory') +
      mount('blkio', 'blkio') +
      mount('pids', 'pids') +
      '41 23 0:31 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n',
    ...directory('sys/fs/cgroup/memory/system.slice/postgresql.service', {
      'memory.usage_in_bytes': '1000\n',
      'memory.max_usage_in_bytes': '2000\n',
      'memory.limit_in_bytes': '9223372036854771712\n',
      'memory.failcnt': '4\n',
      'memory.kmem.usage_in_bytes': '30\n',
      'memory.oom_control': 'oom_kill_disable 0\nunder_oom 0\noom_kill 2\n',
      'memory.stat': 'cache 1\nrss 2\ntotal_cache 600\ntotal_rss 300\ntotal_shmem 500\ntotal_swap 70\n',
    }),
    'sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712\n',
    ...directory('sys/fs/cgroup/cpu,cpuacct/system.slice/postgresql.service', {
      'cpuacct.usage': '5000000000\n',
      'cpuacct.stat': 'user 300\nsystem 200\n',
      'cpu.cfs_quota_us': '-1\n',
      'cpu.cfs_period_us': '100000\n',
      'cpu.stat': 'nr_periods 8\nnr_throttled 3\nthrottled_time 250000000\n',
    }),
    'sys/fs/cgroup/cpu,cpuacct/system.slice/cpu.cfs_quota_us': '50000\n',
    'sys/fs/cgroup/cpu,cpuacct/system.slice/cpu.cfs_period_us': '100000\n',
    ...directory('sys/fs/cgroup/blkio/system.slice', {
      'blkio.throttle.io_service_bytes': '8:0 Read 10\n8:0 Write 20\n8:0 Sync 1\n8:0 Total 30\nTotal 30\n',
      'blkio.throttle.io_serviced': '8:0 Read 3\n8:0 Write 4\n8:0 Total 7\nTotal 7\n',
    }),
    ...directory('sys/fs/cgroup/pids/system.slice/postgresql.service', {
      'pids.current': '12\n',
      'pids.max': '100\n',
    }),
  }

  test('each controller where it is; no limit is no sample', async () => {
    expect(await read(version1)).toEqual({
      'pgherd_cgroup_info{/system.slice/postgresql.service,1}': 1,
      pgherd_cgroup_memory_current_bytes: 1000,
      pgherd_cgroup_memory_peak_bytes: 2000,
      pgherd_cgroup_memory_swap_bytes: 70,
      pgherd_cgroup_memory_anon_bytes: 300,
      pgherd_cgroup_memory_file_bytes: 600,
      pgherd_cgroup_memory_shmem_bytes: 500,
      pgherd_cgroup_memory_kernel_bytes: 30,
      pgherd_cgroup_memory_oom_kills_total: 2,
      pgherd_cgroup_memory_limit_hits_total: 4,
      pgherd_cgroup_cpu_usage_seconds_total: 5,
      pgherd_cgroup_cpu_user_seconds_total: 3,
      pgherd_cgroup_cpu_system_seconds_total: 2,
      pgherd_cgroup_cpu_periods_total: 8,
      pgherd_cgroup_cpu_throttled_periods_total: 3,
      pgherd_cgroup_cpu_throttled_seconds_total: 0.25,
      pgherd_cgroup_cpu_quota_cores: 0.5,
      'pgherd_cgroup_io_read_bytes_total{8:0}': 10,
      'pgherd_cgroup_io_written_bytes_total{8:0}': 20,
      'pgherd_cgroup_io_reads_total{8:0}': 3,
      'pgherd_cgroup_io_writes_total{8:0}': 4,
      pgherd_cgroup_pids_current: 12,
      pgherd_cgroup_pids_limit: 100,
    })
  })
})

test('a process that has ended gives nothing', async () => {
  expect(await read(version2, 43)).toEqual({})
})

test('junk in its files gives what is still to be had', async () => {
  const found = await read({
    ...version2,
    [`${service}/memory.stat`]: 'anon\nfile x\n\0\0\n',
    [`${service}/cpu.max`]: '100000 0\n',
    [`${service}/io.stat`]: '8:0 rbytes=x wbytes=2\nnonsense\n8:1 =\n',
    [`${service}/memory.current`]: '-\n',
  })
  expect(found).toMatchObject({
    pgherd_cgroup_memory_peak_bytes: 2_147_483_648,
    'pgherd_cgroup_io_written_bytes_total{sda}': 2,
  })
  expect(Object.keys(found).filter((name) => /anon|_file_|quota|current_bytes/.test(name))).toEqual([])
})

test('this process is accounted as the kernel says', async () => {
  const found = samples(await createCgroupReader()(process.pid))
  // A sandbox may show no cgroup, and the topmost one of version 2 has no memory.
  const memoryBytes = found['pgherd_cgroup_memory_current_bytes']
  if (memoryBytes === undefined) return
  expect(memoryBytes).toBeGreaterThan(2 ** 20)
  expect(Object.keys(found).filter((series) => series.startsWith('pgherd_cgroup_info'))).toHaveLength(1)
})
