import { statfs } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../../common/clock.ts'
import type { KernelFiles } from '../../../common/kernel/kernel-files.ts'
import type { DiskClass } from '../recommend/machine.ts'
import { readDisk } from './disk.ts'
import type { Disk } from './disk.ts'
import { disksBelow } from './disks-below.ts'
import { mountOf } from './mount-table.ts'
import type { Mount } from './mount-table.ts'
import { resolveWithin } from './resolve-within.ts'

/** A directory of the server, and what it lies on. */
export interface Place {
  /** Without symbolic links, as the server sees it. */
  readonly path: string
  /** Whether it could be followed to its end. */
  readonly isSeen: boolean
  readonly mount: Mount
  readonly sizeBytes: number | null
  /** For the server, which is no root. */
  readonly freeBytes: number | null
  readonly layers: readonly string[]
  readonly disks: readonly Disk[]
  readonly diskClass: DiskClass
  /** Half a sentence: why that class. */
  readonly why: string
}

export interface PlaceOptions {
  readonly files: KernelFiles
  /** Of the server. */
  readonly mounts: readonly Mount[]
  /** Where the root directory of the server is seen. */
  readonly base: string
  readonly isVirtual: boolean
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** A file system behind a network may not answer. */
const statfsMs = 2_000

/** Undefined where no file system can be found for it. */
export async function lookAtPlace(path: string, options: PlaceOptions): Promise<Place | undefined> {
  const { files, mounts, base, isVirtual } = options
  const real = resolveWithin(base, path)
  const mount = mountOf(mounts, real.path)
  if (mount === undefined) return undefined
  const { layers, disks: found } = disksBelow(files, mounts, mount)
  const disks = found.map((at) => readDisk(files, at, isVirtual))
  const size = await sizeOf(join(base, mount.mountpoint), options)
  return { ...real, mount, ...size, layers, disks, ...classOf(mount, disks) }
}

async function sizeOf(
  path: string,
  { clock, signal }: PlaceOptions,
): Promise<Pick<Place, 'sizeBytes' | 'freeBytes'>> {
  const timer = new AbortController()
  const found = await Promise.race([
    statfs(path).catch(() => undefined),
    clock.sleep(statfsMs, AbortSignal.any([signal, timer.signal])).catch(() => undefined),
  ])
  timer.abort()
  if (found === undefined) return { sizeBytes: null, freeBytes: null }
  return { sizeBytes: found.blocks * found.bsize, freeBytes: found.bavail * found.bsize }
}

/** What all disks of a file system are. */
export function classOf(
  mount: Pick<Mount, 'type'>,
  disks: readonly Disk[],
): Pick<Place, 'diskClass' | 'why'> {
  const [first] = disks
  if (first === undefined) return { diskClass: 'unknown', why: whyNoDisk(mount.type) }
  if (disks.some(({ diskClass }) => diskClass !== first.diskClass)) {
    return { diskClass: 'unknown', why: 'its disks are of different kinds' }
  }
  return { diskClass: first.diskClass, why: first.why }
}

function whyNoDisk(type: string): string {
  if (type === 'zfs') return 'ZFS does not show which disks its pool has'
  if (/^(nfs\d?|cifs|smb3|ceph|9p|fuse.*|virtiofs)$/.test(type)) return `${type} is another machine's`
  if (type === 'tmpfs') return 'tmpfs lies in memory'
  return 'the kernel does not show what is below'
}

export function isSameFileSystem(one: Place, other: Place): boolean {
  return one.mount.device === other.mount.device
}
