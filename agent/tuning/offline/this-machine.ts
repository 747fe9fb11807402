import { existsSync, readFileSync, realpathSync, statSync, statfsSync } from 'node:fs'
import { availableParallelism, totalmem } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { orNothing } from '../../../common/or-nothing.ts'
import { createKernelFiles } from '../../../common/kernel/kernel-files.ts'
import type { KernelFiles } from '../../../common/kernel/kernel-files.ts'
import { readDisk } from '../detect/disk.ts'
import { disksBelow } from '../detect/disks-below.ts'
import { isVirtualMachine } from '../detect/is-virtual.ts'
import { memoryLimit } from '../detect/memory-limit.ts'
import { parseMountinfo } from '../detect/mount-table.ts'
import { classOf } from '../detect/place.ts'
import type { DiskClass, Machine } from '../recommend/machine.ts'

/** Numbers of statfs(2). Source: linux/magic.h, and OpenZFS for its own. */
const fileSystems: Readonly<Record<number, string>> = {
  0xef53: 'ext4',
  0x58465342: 'xfs',
  0x9123683e: 'btrfs',
  0x2fc12fc1: 'zfs',
  0x6969: 'nfs',
  0x01021994: 'tmpfs',
  0x794c7630: 'overlay',
}

/**
 * This machine, as a server whose data is at `dataDirectory` would have it, if the limits of this process' cgroup are also the server's.
 * @param dataDirectory - need not exist yet
 * @param root - where /proc and /sys are
 */
export function thisMachine(dataDirectory: string, root = '/'): Machine {
  const sysRoot = join(root, 'sys')
  using files = createKernelFiles(root, () => 0)
  const place = nearestExisting(resolve(dataDirectory))
  const wal = join(place, 'pg_wal')
  const hasOwnWal = existsSync(wal) && statSync(wal).dev !== statSync(place).dev
  return {
    memoryBytes: Math.min(totalmem(), memoryLimit(files, 'self')?.value ?? Infinity),
    // libuv looks at the processors that this process may use and at its cgroup's quota.
    processors: availableParallelism(),
    diskClass: diskClassOf(files, place),
    dataDiskBytes: sizeOf(place),
    walDiskBytes: hasOwnWal ? sizeOf(realpathSync(wal)) : null,
    fileSystem: fileSystems[statfsSync(place).type] ?? null,
    freeHugePageBytes: freeHugePages(sysRoot),
  }
}

function nearestExisting(path: string): string {
  return existsSync(path) || path === dirname(path) ? path : nearestExisting(dirname(path))
}

function sizeOf(path: string): number {
  const { blocks, bsize } = statfsSync(path)
  return blocks * bsize
}

function freeHugePages(sysRoot: string): number | null {
  const free = valueOf(join(sysRoot, 'kernel/mm/hugepages/hugepages-2048kB/free_hugepages'))
  return free === undefined ? null : Number(free) * 2048 * 1024
}

/** The class of the disks below a directory, as far as they can be believed. */
function diskClassOf(files: KernelFiles, path: string): DiskClass {
  const { dev } = statSync(path)
  // makedev(3): the numbers of a device in 64 bits.
  const device = `${(dev >> 8) & 0xfff}:${(dev & 0xff) | ((dev >> 12) & 0xfff00)}`
  const mounts = parseMountinfo(orNothing(() => files.read('proc/self/mountinfo', 'utf8')) ?? '')
  const mount = mounts.find((one) => one.device === device) ?? { ...unknownMount, device }
  const { disks } = disksBelow(files, mounts, mount)
  return classOf(
    mount,
    disks.map((at) => readDisk(files, at, isVirtualMachine(files))),
  ).diskClass
}

const unknownMount = { mountpoint: '/', type: '', source: '', options: new Map<string, string>() }

function valueOf(file: string): string | undefined {
  return orNothing(() => readFileSync(file, 'utf8').trim())
}
