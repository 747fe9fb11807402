import { mkdirSync, mkdtempSync, rmSync, statSync, statfsSync, symlinkSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir, totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { thisMachine } from '../../../../agent/tuning/offline/this-machine.ts'

function temporary(): string {
  const directory = mkdtempSync(join(tmpdir(), 'pgherd-machine-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  return directory
}

/** A root of a file system with these files. */
function rootWith(files: Readonly<Record<string, string>>): string {
  const root = temporary()
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), text)
  }
  return root
}

/** A root in whose /sys the device below `directory` is `path` with these files. */
function sysWith(directory: string, path: string, files: Readonly<Record<string, string>>): string {
  const top = rootWith(Object.fromEntries(Object.entries(files).map(([name, text]) => [`sys/${name}`, text])))
  const root = join(top, 'sys')
  mkdirSync(join(root, path), { recursive: true })
  mkdirSync(join(root, 'dev/block'), { recursive: true })
  const { dev } = statSync(directory)
  const numbers = `${(dev >> 8) & 0xfff}:${(dev & 0xff) | ((dev >> 12) & 0xfff00)}`
  symlinkSync(join(root, path), join(root, 'dev/block', numbers))
  return top
}

test('the memory and the processors are those that this process may use', () => {
  const { memoryBytes, processors } = thisMachine('.')
  expect(processors).toBe(availableParallelism())
  expect(memoryBytes).toBeGreaterThan(0)
  expect(memoryBytes).toBeLessThanOrEqual(totalmem())
})

describe('the memory limit of a cgroup', () => {
  const limitOf = (files: Readonly<Record<string, string>>): number =>
    thisMachine('.', rootWith(files)).memoryBytes

  test('is that of version 2, of itself or of one above it, whichever is less', () => {
    const service = {
      'proc/self/cgroup': '0::/system.slice/postgresql.service\n',
      'proc/self/mountinfo': '30 23 0:26 / /sys/fs/cgroup rw shared:9 - cgroup2 cgroup2 rw\n',
    }
    expect(
      limitOf({ ...service, 'sys/fs/cgroup/system.slice/postgresql.service/memory.max': '1048576\n' }),
    ).toBe(1_048_576)
    expect(
      limitOf({
        ...service,
        'sys/fs/cgroup/system.slice/postgresql.service/memory.max': 'max\n',
        'sys/fs/cgroup/system.slice/memory.max': '2097152\n',
        'sys/fs/cgroup/system.slice/memory.high': '1572864\n',
      }),
    ).toBe(1_572_864)
  })

  test('is that of version 1', () => {
    const files = {
      'proc/self/cgroup': '3:cpuset:/\n4:memory:/docker/abc\n0::/\n',
      'proc/self/mountinfo': '35 31 0:32 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n',
      // In a container the path is that of the host, and the limit at the top.
      'sys/fs/cgroup/memory/memory.limit_in_bytes': '1048576\n',
    }
    expect(limitOf(files)).toBe(1_048_576)
  })

  test('is not there where it says more than there is', () => {
    const files = {
      'proc/self/cgroup': '4:memory:/\n',
      'proc/self/mountinfo': '35 31 0:32 / /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n',
      'sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712\n',
    }
    expect(limitOf(files)).toBe(totalmem())
    expect(limitOf({})).toBe(totalmem())
  })
})

test('a data directory that does not exist yet is on the file system where it will be', () => {
  const directory = temporary()
  const { blocks, bsize } = statfsSync(directory)
  expect(thisMachine(join(directory, 'not/yet'))).toMatchObject({
    dataDiskBytes: blocks * bsize,
    walDiskBytes: null,
  })
})

test.each([
  ['block/nvme0n1', {}, 'nvme'],
  ['block/nvme0n1', { 'block/nvme0n1/device/model': 'Amazon Elastic Block Store\n' }, 'san'],
  ['block/sda', { 'block/sda/queue/rotational': '1\n' }, 'hdd'],
  ['block/sda', { 'block/sda/queue/rotational': '0\n' }, 'ssd'],
  // A partition has what its disk has.
  ['block/sda/sda1', { 'block/sda/sda1/partition': '1\n', 'block/sda/queue/rotational': '0\n' }, 'ssd'],
  // A virtual disk says that it rotates, whatever it is.
  ['block/vda', { 'block/vda/queue/rotational': '1\n' }, 'unknown'],
  [
    'block/sda',
    { 'block/sda/queue/rotational': '1\n', 'block/sda/device/model': 'QEMU HARDDISK\n' },
    'unknown',
  ],
])('a disk at %s with %j is of class %s', (path, files, diskClass) => {
  const directory = temporary()
  expect(thisMachine(directory, sysWith(directory, path, files)).diskClass).toBe(diskClass)
})

test('a volume is what it lies on, if all of it is the same', () => {
  const directory = temporary()
  const root = sysWith(directory, 'block/dm-0', {
    'block/sda/queue/rotational': '0\n',
    'block/sdb/queue/rotational': '1\n',
  })
  mkdirSync(join(root, 'sys/block/dm-0/slaves'))
  symlinkSync(join(root, 'sys/block/sda'), join(root, 'sys/block/dm-0/slaves/sda'))
  expect(thisMachine(directory, root).diskClass).toBe('ssd')
  symlinkSync(join(root, 'sys/block/sdb'), join(root, 'sys/block/dm-0/slaves/sdb'))
  expect(thisMachine(directory, root).diskClass).toBe('unknown')
})

test('a disk that the kernel does not show is unknown, and so are its huge pages', () => {
  expect(thisMachine('.', temporary())).toMatchObject({ diskClass: 'unknown', freeHugePageBytes: null })
})

test('huge pages that nobody uses are counted', () => {
  const directory = temporary()
  const root = sysWith(directory, 'block/vda', {
    'kernel/mm/hugepages/hugepages-2048kB/free_hugepages': '3\n',
  })
  expect(thisMachine(directory, root).freeHugePageBytes).toBe(3 * 2 * 1024 ** 2)
})
