import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { cgroupMemoryLeft } from '../../../../agent/tuning/preflight/cgroup-memory.ts'
import { checkMemory } from '../../../../agent/tuning/preflight/memory-checks.ts'
import { createOwnDirectory } from '../../../../testbed/own-directory.ts'

const mib = 1024 ** 2

/** Files as the kernel has them, below a directory. */
function kernelWith(files: Readonly<Record<string, string>>) {
  const root = createOwnDirectory({ prefix: 'pgherd-cgroup-' })
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root.path, path)), { recursive: true })
    writeFileSync(join(root.path, path), `${text}\n`)
  }
  return root
}

const second = {
  'proc/self/mountinfo': '30 20 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw',
  'proc/7/cgroup': '0::/system.slice/postgres.service',
  'sys/fs/cgroup/system.slice/memory.max': 'max',
  'sys/fs/cgroup/system.slice/memory.current': String(900 * mib),
  'sys/fs/cgroup/system.slice/postgres.service/memory.max': String(1_000 * mib),
  'sys/fs/cgroup/system.slice/postgres.service/memory.high': String(800 * mib),
  'sys/fs/cgroup/system.slice/postgres.service/memory.current': String(700 * mib),
  'sys/fs/cgroup/system.slice/postgres.service/memory.stat': `anon 1\ninactive_file ${100 * mib}\nactive_file ${200 * mib}\nshmem 2`,
}

test('what a control group would still give is its limit less what cannot be dropped', () => {
  using root = kernelWith(second)
  expect(cgroupMemoryLeft(7, root.path)).toBe(400 * mib)
})

test('a tighter one above it counts', () => {
  using root = kernelWith({ ...second, 'sys/fs/cgroup/system.slice/memory.max': String(950 * mib) })
  expect(cgroupMemoryLeft(7, root.path)).toBe(50 * mib)
})

test('that of version 1 is read too, and its number for no limit is none', () => {
  const first = {
    'proc/self/mountinfo': '31 20 0:27 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory',
    'proc/7/cgroup': '4:memory:/db',
    'sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712',
    'sys/fs/cgroup/memory/memory.usage_in_bytes': '1',
    'sys/fs/cgroup/memory/db/memory.limit_in_bytes': String(500 * mib),
    'sys/fs/cgroup/memory/db/memory.usage_in_bytes': String(300 * mib),
    'sys/fs/cgroup/memory/db/memory.stat': `inactive_file 5\ntotal_inactive_file ${50 * mib}\ntotal_active_file 0`,
  }
  using root = kernelWith(first)
  expect(cgroupMemoryLeft(7, root.path)).toBe(250 * mib)
})

test('without a limit nothing is known', () => {
  using root = kernelWith({ 'proc/self/mountinfo': '', 'proc/7/cgroup': '0::/' })
  expect(cgroupMemoryLeft(7, root.path)).toBeUndefined()
})

test('shared memory that its service may not have is refused, whatever the host has', () => {
  const host = {
    ...{ availableBytes: 64_000 * mib, commitLimitBytes: 64_000 * mib, committedBytes: 0, isStrict: false },
    ...{ freeHugePages: 0, usedHugePages: 0, hugePageBytes: 2 * mib },
  }
  const check = (cgroupLeftBytes: number | undefined) =>
    checkMemory(
      { bytes: 2_000 * mib, hugePages: 1_000, isEstimate: false },
      'try',
      { bytes: 500 * mib, hugePages: 250, usesHugePages: false },
      { ...host, cgroupLeftBytes },
    ).refusals
  expect(check(undefined)).toEqual([])
  expect(check(1_600 * mib)).toEqual([])
  expect(check(1_400 * mib)).toEqual([
    'it takes 2GB of shared memory, and its control group would have 1.9GB (the memory limit of its service or container): the kernel would end it',
  ])
})
