import { describe, expect, test } from 'vitest'
import { containerSign } from '../../../../agent/tuning/detect/container.ts'
import { isVirtualMachine } from '../../../../agent/tuning/detect/is-virtual.ts'
import { readKernelFacts } from '../../../../agent/tuning/detect/kernel-facts.ts'
import { parseMountinfo } from '../../../../agent/tuning/detect/mount-table.ts'
import type { Tree } from '../../host/tree.ts'
import { filesOf, gib } from './made-host.ts'

const meminfo = `MemTotal:       67108864 kB
MemAvailable:   33554432 kB
SwapTotal:       4194304 kB
SwapFree:        3145728 kB
CommitLimit:    37748736 kB
Committed_AS:   20971520 kB
PageTables:      1048576 kB
HugePages_Total:    4200
HugePages_Free:     4100
HugePages_Rsvd:      100
Hugepagesize:       2048 kB
`

test('memory, swap and huge pages are what /proc/meminfo has of them', () => {
  expect(readKernelFacts(filesOf({ 'proc/meminfo': meminfo }), 42)).toMatchObject({
    memoryTotalBytes: 64 * gib,
    memoryAvailableBytes: 32 * gib,
    swapTotalBytes: 4 * gib,
    swapUsedBytes: gib,
    commitLimitBytes: 36 * gib,
    committedBytes: 20 * gib,
    pageTableBytes: gib,
    // What is reserved is free in name only.
    hugePages: { total: 4200, free: 4000, pageBytes: 2 * 1024 ** 2 },
  })
})

test('what chooses among words is read by the chosen one', () => {
  const files = filesOf({
    'sys/kernel/mm/transparent_hugepage/enabled': 'always [madvise] never\n',
    'sys/kernel/mm/transparent_hugepage/defrag': 'always defer [defer+madvise] madvise never\n',
    'sys/devices/system/clocksource/clocksource0/current_clocksource': 'tsc\n',
    'sys/devices/system/cpu/cpu0/cpufreq/scaling_governor': 'powersave\n',
  })
  expect(readKernelFacts(files, 42)).toMatchObject({
    transparentHugePages: 'madvise',
    transparentHugePageDefrag: 'defer+madvise',
    clockSource: 'tsc',
    frequencyGovernor: 'powersave',
  })
})

test('nodes with memory are counted', () => {
  const nodes = (list: string) =>
    readKernelFacts(filesOf({ 'sys/devices/system/node/has_memory': list }), 42).numaNodes
  expect([nodes('0\n'), nodes('0-1\n'), nodes('0,2\n')]).toEqual([1, 2, 2])
})

test('settings of the kernel have their usual names, and those that this kernel lacks are not there', () => {
  const { sysctls } = readKernelFacts(
    filesOf({
      'proc/sys/vm/swappiness': '60\n',
      'proc/sys/net/ipv4/tcp_keepalive_time': '7200\n',
      'proc/sys/kernel/something': '1\n',
    }),
    42,
  )
  expect([...sysctls]).toEqual([
    ['vm.swappiness', '60'],
    ['net.ipv4.tcp_keepalive_time', '7200'],
  ])
})

test("limits are those of the postmaster's process", () => {
  const files = filesOf({
    'proc/42/limits':
      'Limit                     Soft Limit           Hard Limit           Units\nMax open files            1024                 524288               files\n',
    'proc/42/oom_score_adj': '-900\n',
  })
  expect(readKernelFacts(files, 42)).toMatchObject({ openFileLimit: 1024, oomScoreAdjust: -900 })
})

describe('pressure and events of memory', () => {
  const some = (share: string) =>
    `some avg10=1.00 avg60=${share} avg300=0.10 total=99\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=9\n`
  const two: Tree = {
    'proc/42/cgroup': '0::/pg\n',
    'proc/self/mountinfo': '30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n',
    'proc/pressure/memory': some('1.50'),
  }

  test('are those of its cgroup (version 2)', () => {
    const files = filesOf({
      ...two,
      'sys/fs/cgroup/pg/memory.pressure': some('12.34'),
      'sys/fs/cgroup/pg/memory.events': 'low 5\nhigh 20\nmax 3\noom 1\noom_kill 1\n',
    })
    expect(readKernelFacts(files, 42)).toMatchObject({ memoryPressurePercent: 12.34, memoryLimitEvents: 23 })
  })

  test('are those of the host and of the one limit (version 1)', () => {
    const files = filesOf({
      ...two,
      'proc/42/cgroup': '4:memory:/pg\n',
      'proc/self/mountinfo': '35 31 0:32 / /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n',
      'sys/fs/cgroup/memory/pg/memory.failcnt': '7\n',
    })
    expect(readKernelFacts(files, 42)).toMatchObject({ memoryPressurePercent: 1.5, memoryLimitEvents: 7 })
  })
})

test('of a server that is not on this host nothing is known, whatever this host is', () => {
  const facts = readKernelFacts(filesOf({ 'proc/meminfo': meminfo, 'proc/sys/vm/swappiness': '60\n' }), null)
  expect(Object.values(facts).filter((value) => value !== null)).toEqual([new Map()])
})

describe('a container is known', () => {
  const root = (source: string, type = 'ext4') => parseMountinfo(`20 1 0:50 / / rw - ${type} ${source} rw\n`)
  const sign = (tree: Tree, ownPid = 42, mounts = root('overlay', 'overlay')) =>
    containerSign(filesOf(tree), { pid: 42, ownPid }, { base: '', mounts })

  test('by process ids of its own', () => {
    expect(sign({}, 1)).toBe('its process 42 calls itself 1')
  })

  test.each([
    ['/system.slice/docker-0123456789abcdef.scope', 'docker'],
    ['/kubepods.slice/kubepods-pod1.slice/cri-containerd-0123456789abcdef.scope', 'kubepods'],
    ['/docker/0123', 'docker'],
    ['/machine.slice/libpod-0123.scope', 'libpod'],
  ])('by the name of its cgroup: %s', (path, runtime) => {
    expect(sign({ 'proc/42/cgroup': `0::${path}\n` })).toBe(`its cgroup is named by ${runtime}`)
  })

  test('by the mark of its runtime, unless the root is a disk that was made from an image', () => {
    expect(sign({ '.dockerenv': '' })).toBe('/.dockerenv is there')
    expect(sign({ 'run/.containerenv': '' })).toBe('/run/.containerenv is there')
    expect(sign({ '.dockerenv': '' }, 42, root('/dev/vda'))).toBeUndefined()
  })

  test('and a service of systemd is none', () => {
    expect(
      sign({ 'proc/42/cgroup': '0::/system.slice/system-postgresql.slice/postgresql@17-main.service\n' }),
    ).toBeUndefined()
  })
})

test.each<[string, Tree, boolean]>([
  [
    'the flag of the processor',
    { 'proc/cpuinfo': 'processor\t: 0\nflags\t\t: fpu vme hypervisor lahf_lm\n' },
    true,
  ],
  [
    'hardware',
    { 'proc/cpuinfo': 'flags\t\t: fpu vme\n', 'sys/class/dmi/id/sys_vendor': 'Dell Inc.\n' },
    false,
  ],
  ['the firmware, where the processor does not say', { 'sys/class/dmi/id/sys_vendor': 'QEMU\n' }, true],
  [
    'a whole machine of a cloud',
    { 'sys/class/dmi/id/sys_vendor': 'Amazon EC2\n', 'sys/class/dmi/id/product_name': 'm5.metal\n' },
    false,
  ],
  ['nothing', {}, false],
])('a virtual machine is told by %s', (_, tree, isVirtual) => {
  expect(isVirtualMachine(filesOf(tree))).toBe(isVirtual)
})
