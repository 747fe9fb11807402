import { mkdirSync, mkdtempSync, rmSync, statSync, statfsSync, symlinkSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir, totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { thisMachine } from '../../../../agent/tuning/offline/this-machine.ts'

function temporary(): string {
  const directory = mkdtempSync(join(tmpdir(), 'pgherd-machine-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  return directory
}

/** A /sys in which the device below `directory` is `path` with these files. */
function sysWith(directory: string, path: string, files: Readonly<Record<string, string>>): string {
  const root = temporary()
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), text)
  }
  mkdirSync(join(root, path), { recursive: true })
  mkdirSync(join(root, 'dev/block'), { recursive: true })
  const { dev } = statSync(directory)
  const numbers = `${(dev >> 8) & 0xfff}:${(dev & 0xff) | ((dev >> 12) & 0xfff00)}`
  symlinkSync(join(root, path), join(root, 'dev/block', numbers))
  return root
}

test('the memory and the processors are those that this process may use', () => {
  const { memoryBytes, processors } = thisMachine('.')
  expect(processors).toBe(availableParallelism())
  expect(memoryBytes).toBeGreaterThan(0)
  expect(memoryBytes).toBeLessThanOrEqual(totalmem())
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
  mkdirSync(join(root, 'block/dm-0/slaves'))
  symlinkSync(join(root, 'block/sda'), join(root, 'block/dm-0/slaves/sda'))
  expect(thisMachine(directory, root).diskClass).toBe('ssd')
  symlinkSync(join(root, 'block/sdb'), join(root, 'block/dm-0/slaves/sdb'))
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
