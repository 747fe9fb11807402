import { existsSync, readFileSync, readdirSync, realpathSync, statSync, statfsSync } from 'node:fs'
import { availableParallelism, totalmem } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { orNothing } from '../../../common/or-nothing.ts'
import { createKernelFiles } from '../../../common/kernel/kernel-files.ts'
import { memoryLimit } from '../detect/memory-limit.ts'
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
    diskClass: diskClassOf(place, sysRoot),
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

/**
 * The class of the device below a directory, by its name and by what it says of itself. A virtual disk says that it rotates whatever it is, so
 * only a disk of SCSI or SATA is believed, and only where the machine is no virtual one: anything else is unknown.
 */
function diskClassOf(path: string, sysRoot: string): DiskClass {
  const { dev } = statSync(path)
  // makedev(3): the numbers of a device in 64 bits.
  const [major, minor] = [(dev >> 8) & 0xfff, (dev & 0xff) | ((dev >> 12) & 0xfff00)]
  const device = realPathOf(join(sysRoot, `dev/block/${major}:${minor}`))
  if (device === undefined) return 'unknown'
  const disks = disksBelow(device).map((disk) => classOf(disk, sysRoot))
  const [first] = disks
  return first !== undefined && disks.every((one) => one === first) ? first : 'unknown'
}

/** The whole disks that a device lies on: those of a volume or an array, and the one of a partition. */
function disksBelow(device: string): readonly string[] {
  const slaves = existsSync(join(device, 'slaves')) ? readdirSync(join(device, 'slaves')) : []
  if (slaves.length > 0) {
    return slaves.flatMap((slave) => disksBelow(realpathSync(join(device, 'slaves', slave))))
  }
  return [existsSync(join(device, 'partition')) ? dirname(device) : device]
}

function classOf(disk: string, sysRoot: string): DiskClass {
  const name = basename(disk)
  const model = valueOf(join(disk, 'device/model')) ?? ''
  // NVMe is how clouds show disks behind their network.
  if (/Elastic Block Store|PersistentDisk|hyperdisk|Virtual Disk/i.test(model)) return 'san'
  if (name.startsWith('nvme')) return 'nvme'
  const isVirtual =
    (valueOf(join(sysRoot, 'hypervisor/type')) ?? '') !== '' || /QEMU|VBOX|VMware/i.test(model)
  if (!name.startsWith('sd') || isVirtual) return 'unknown'
  return valueOf(join(disk, 'queue/rotational')) === '1' ? 'hdd' : 'ssd'
}

function valueOf(file: string): string | undefined {
  return orNothing(() => readFileSync(file, 'utf8').trim())
}

function realPathOf(path: string): string | undefined {
  return orNothing(() => realpathSync(path))
}
