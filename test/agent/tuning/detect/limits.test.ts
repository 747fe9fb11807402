import { describe, expect, test } from 'vitest'
import { memoryLimit } from '../../../../agent/tuning/detect/memory-limit.ts'
import { countOf, processorsOf } from '../../../../agent/tuning/detect/processors.ts'
import type { Tree } from '../../host/tree.ts'
import { filesOf, gib, processTree } from './made-host.ts'

const unified = '30 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw\n'
const service = 'sys/fs/cgroup/system.slice/postgresql.service'
/** A service of systemd, of which the machine has 64 processors. */
const versionTwo: Tree = {
  ...processTree({ pid: 42 }),
  'proc/42/cgroup': '0::/system.slice/postgresql.service\n',
  'proc/self/mountinfo': unified,
  'sys/devices/system/cpu/online': '0-63\n',
}
/** In a container of version 1, whose own cgroup is at the top of what it sees. */
const versionOne: Tree = {
  ...processTree({ pid: 42 }),
  'proc/42/cgroup': '6:cpuset:/docker/abc\n5:cpu,cpuacct:/docker/abc\n4:memory:/docker/abc\n',
  'proc/self/mountinfo': [
    '35 31 0:32 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory',
    '36 31 0:33 /docker/abc /sys/fs/cgroup/cpu,cpuacct ro - cgroup cgroup rw,cpu,cpuacct',
    '37 31 0:34 /docker/abc /sys/fs/cgroup/cpuset ro - cgroup cgroup rw,cpuset',
    '',
  ].join('\n'),
  'sys/devices/system/cpu/online': '0-63\n',
}

describe("the memory of a server's cgroup", () => {
  test('is not limited where nothing is set', () => {
    const files = filesOf({ ...versionTwo, [`${service}/memory.max`]: 'max\n' })
    expect(memoryLimit(files, 42)).toBeUndefined()
  })

  test.each<[string, Tree, number, string]>([
    ['memory.max', { [`${service}/memory.max`]: `${8 * gib}\n` }, 8 * gib, `/${service}/memory.max`],
    [
      'memory.high, from which on it is slowed down',
      { [`${service}/memory.max`]: `${8 * gib}\n`, [`${service}/memory.high`]: `${6 * gib}\n` },
      6 * gib,
      `/${service}/memory.high`,
    ],
    [
      'the slice above it',
      {
        [`${service}/memory.max`]: `${8 * gib}\n`,
        'sys/fs/cgroup/system.slice/memory.max': `${4 * gib}\n`,
      },
      4 * gib,
      '/sys/fs/cgroup/system.slice/memory.max',
    ],
  ])('is what %s leaves it (version 2)', (_, limits, value, from) => {
    expect(memoryLimit(filesOf({ ...versionTwo, ...limits }), 42)).toEqual({ value, from })
  })

  test('is what memory.limit_in_bytes leaves it, unless that is the number for none (version 1)', () => {
    const file = 'sys/fs/cgroup/memory/memory.limit_in_bytes'
    expect(memoryLimit(filesOf({ ...versionOne, [file]: `${2 * gib}\n` }), 42)).toEqual({
      value: 2 * gib,
      from: `/${file}`,
    })
    expect(memoryLimit(filesOf({ ...versionOne, [file]: '9223372036854771712\n' }), 42)).toBeUndefined()
  })

  test("is the server's and not that of whoever asks", () => {
    const tree = {
      ...versionTwo,
      'proc/self/cgroup': '0::/user.slice\n',
      'sys/fs/cgroup/user.slice/memory.max': `${gib}\n`,
      [`${service}/memory.max`]: `${8 * gib}\n`,
    }
    expect(memoryLimit(filesOf(tree), 42)?.value).toBe(8 * gib)
  })
})

describe('the processors of a server', () => {
  test('are those that are online, where nothing holds it', () => {
    expect(processorsOf(filesOf(versionTwo), 42)).toEqual({
      value: 64,
      from: '/sys/devices/system/cpu/online',
    })
  })

  test.each<[string, Tree, number]>([
    ['its quota', { [`${service}/cpu.max`]: '400000 100000\n' }, 4],
    [
      'a quota that is not whole, of which the rest is no processor',
      { [`${service}/cpu.max`]: '250000 100000\n' },
      2,
    ],
    [
      'a quota of less than one, of which there is one all the same',
      { [`${service}/cpu.max`]: '50000 100000\n' },
      1,
    ],
    [
      'the quota of the slice above it',
      { [`${service}/cpu.max`]: 'max 100000\n', 'sys/fs/cgroup/system.slice/cpu.max': '800000 100000\n' },
      8,
    ],
    ['its set of processors', { [`${service}/cpuset.cpus.effective`]: '0-3,8-11\n' }, 8],
    ['its affinity', { 'proc/42/status': 'Name:\tpostgres\nCpus_allowed_list:\t2,4,6\n' }, 3],
    [
      'the least of all of them',
      {
        [`${service}/cpu.max`]: '600000 100000\n',
        [`${service}/cpuset.cpus.effective`]: '0-4\n',
        'proc/42/status': 'Cpus_allowed_list:\t0-31\n',
      },
      5,
    ],
  ])('are what %s leaves it (version 2)', (_, limits, value) => {
    expect(processorsOf(filesOf({ ...versionTwo, ...limits }), 42)?.value).toBe(value)
  })

  test.each<[string, Tree, number]>([
    [
      'its quota',
      {
        'sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us': '150000\n',
        'sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us': '50000\n',
      },
      3,
    ],
    [
      'no quota',
      {
        'sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us': '-1\n',
        'sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us': '100000\n',
      },
      64,
    ],
    ['its set of processors', { 'sys/fs/cgroup/cpuset/cpuset.cpus': '4-7\n' }, 4],
  ])('are what %s leaves it (version 1)', (_, limits, value) => {
    expect(processorsOf(filesOf({ ...versionOne, ...limits }), 42)?.value).toBe(value)
  })

  test('are counted as the kernel lists them', () => {
    expect(['0', '0-3', '0-3,8', '', 'all', undefined].map(countOf)).toEqual([
      1,
      4,
      5,
      undefined,
      undefined,
      undefined,
    ])
  })
})
