import { systemClock } from '../../../../common/clock.ts'
import { createKernelFiles } from '../../../../common/kernel/kernel-files.ts'
import type { KernelFiles } from '../../../../common/kernel/kernel-files.ts'
import { lookAtPlace } from '../../../../agent/tuning/detect/place.ts'
import type { Place } from '../../../../agent/tuning/detect/place.ts'
import { parseMountinfo } from '../../../../agent/tuning/detect/mount-table.ts'
import { plant } from '../../host/tree.ts'
import type { Tree } from '../../host/tree.ts'

export const gib = 1024 ** 3

/** The kernel's files of a machine made of files, for as long as the test runs: nothing is held open. */
export function filesOf(tree: Tree): KernelFiles {
  return createKernelFiles(plant(tree), () => 0)
}

/** A process in /proc; memory in pages of 4 KiB. */
export function processTree(of: {
  readonly pid: number
  readonly name?: string
  readonly parent?: number
  readonly startTicks?: number
  readonly mapped?: number
  readonly resident?: number
  readonly shared?: number
  /** Its numbers, the innermost last. */
  readonly ids?: readonly number[]
}): Tree {
  const { pid, name = 'postgres', parent = 1, startTicks = 0, mapped = 0, resident = 0, shared = 0 } = of
  // 22 fields, of which those between parent and start do not matter.
  const between = Array.from({ length: 17 }, () => '0').join(' ')
  return {
    [`proc/${pid}/stat`]: `${pid} (${name}) S ${parent} ${between} ${startTicks} 0 0\n`,
    [`proc/${pid}/statm`]: `${mapped} ${resident} ${shared} 0 0 0 0\n`,
    [`proc/${pid}/status`]: `Name:\t${name}\nNSpid:\t${(of.ids ?? [pid]).join('\t')}\nCpus_allowed_list:\t0-63\n`,
  }
}

/** What a directory of a made-up machine lies on; its mounts are those of `mountinfo`, its disks in `sys/`. */
export async function placeOn(
  tree: Tree,
  mountinfo: string,
  path: string,
  isVirtual = false,
): Promise<Place> {
  const root = plant(tree)
  const place = await lookAtPlace(path, {
    files: createKernelFiles(root, () => 0),
    mounts: parseMountinfo(mountinfo),
    base: root,
    isVirtual,
    clock: systemClock,
    signal: new AbortController().signal,
  })
  if (place === undefined) throw new Error(`${path} lies on no file system of the tree`)
  return place
}
