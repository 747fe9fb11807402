import type { KernelFiles } from '../../../common/kernel/kernel-files.ts'
import { placeFor, tightestOf } from './limits.ts'
import type { FoundLimit } from './limits.ts'
import { readNumber } from './read-number.ts'

/**
 * The tightest memory limit of a process' cgroup and of those above it, bytes; undefined where nothing limits it. Above memory.high the
 * kernel slows everything down, which is no better than the end of a server. Source: cgroups(7), admin-guide/cgroup-v1/memory.rst and
 * cgroup-v2.rst of the kernel.
 * @param pid - or `self`
 */
export function memoryLimit(files: KernelFiles, pid: number | 'self'): FoundLimit | undefined {
  const place = placeFor(files, pid, 'memory')
  if (place === undefined) return undefined
  const names = place.version === 2 ? ['memory.max', 'memory.high'] : ['memory.limit_in_bytes']
  return tightestOf(
    place.directories.flatMap((at) =>
      names.map((name) => ({ from: `${at}/${name}`, value: readNumber(files, `${at}/${name}`) })),
    ),
  )
}
