import { basename, dirname } from 'node:path'
import type { KernelFiles } from '../../../common/kernel/kernel-files.ts'
import { mountOf } from './mount-table.ts'
import type { Mount } from './mount-table.ts'

/** What a file system lies on. */
export interface Below {
  /** What is between it and its disks, from above: `dm-0 (vg-data)`, `nvme0n1p1`. */
  readonly layers: readonly string[]
  /** Whole disks, as directories of /sys without the slash in front; none where they cannot be known. */
  readonly disks: readonly string[]
}

const nothing: Below = { layers: [], disks: [] }
/** Deeper than anybody stacks volumes. */
const mostLevels = 12

/**
 * Follows a file system down to its disks: partitions, volumes and arrays (`slaves` in /sys/block), loop devices, and what an overlay
 * writes to. ZFS tells nobody without its own tools which disks a pool has.
 * @param mounts - in which a loop device's file, or an overlay's directory, is looked for
 */
export function disksBelow(files: KernelFiles, mounts: readonly Mount[], mount: Mount, level = 0): Below {
  if (level >= mostLevels) return nothing
  if (mount.type === 'overlay') {
    const upper = mount.options.get('upperdir')
    const under = upper === undefined ? undefined : mountOf(mounts, upper)
    if (under === undefined || under.type === 'overlay') return nothing
    const below = disksBelow(files, mounts, under, level + 1)
    return { ...below, layers: [`overlay of ${under.mountpoint}`, ...below.layers] }
  }
  const device = pathOf(files, `sys/dev/block/${mount.device}`) ?? bySource(files, mount.source)
  return device === undefined ? nothing : follow(files, mounts, device, level)
}

/** @param device - its directory in /sys */
function follow(files: KernelFiles, mounts: readonly Mount[], device: string, level: number): Below {
  const name = basename(device)
  const slaves = level >= mostLevels ? [] : files.list(`${device}/slaves`)
  if (slaves.length > 0) {
    const below = slaves
      .map((slave) => pathOf(files, `${device}/slaves/${slave}`))
      .map((at) => (at === undefined ? nothing : follow(files, mounts, at, level + 1)))
    return {
      layers: [layerName(files, device), ...below.flatMap(({ layers }) => layers)],
      disks: [...new Set(below.flatMap(({ disks }) => disks))],
    }
  }
  const backing = files.value(`${device}/loop/backing_file`)
  if (backing !== undefined) {
    const under = mountOf(mounts, backing)
    const below = under === undefined ? nothing : disksBelow(files, mounts, under, level + 1)
    return { ...below, layers: [`${name} (a file)`, ...below.layers] }
  }
  if (files.value(`${device}/partition`) === undefined) return { layers: [], disks: [device] }
  // Of an array there are partitions too.
  const whole = follow(files, mounts, dirname(device), level + 1)
  return { ...whole, layers: [name, ...whole.layers] }
}

/** Such as `dm-0 (vg-data)`, `md0 (raid1)`. */
function layerName(files: KernelFiles, device: string): string {
  const more = files.value(`${device}/dm/name`) ?? files.value(`${device}/md/level`)
  return more === undefined ? basename(device) : `${basename(device)} (${more})`
}

/** The device of a file system that has a number of its own, such as btrfs. */
function bySource(files: KernelFiles, source: string): string | undefined {
  if (!source.startsWith('/dev/')) return undefined
  const name = basename(source)
  const direct = pathOf(files, `sys/class/block/${name}`)
  if (direct !== undefined) return direct
  const mapped = files
    .list('sys/class/block')
    .find((one) => one.startsWith('dm-') && files.value(`sys/class/block/${one}/dm/name`) === name)
  return mapped === undefined ? undefined : pathOf(files, `sys/class/block/${mapped}`)
}

/** Where a link of /sys leads, as a path below the root of these files. */
function pathOf(files: KernelFiles, link: string): string | undefined {
  const [path, root] = [files.realPath(link), files.realPath('')]
  if (path === undefined || root === undefined) return undefined
  return path.slice(root === '/' ? 1 : root.length + 1)
}
