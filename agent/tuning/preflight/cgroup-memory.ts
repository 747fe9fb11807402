import { placesOf } from '../../../common/kernel/cgroup-path.ts'
import { createKernelFiles } from '../../../common/kernel/kernel-files.ts'
import type { KernelFiles } from '../../../common/kernel/kernel-files.ts'

/**
 * How much memory the control group of a process, and those above it, would still give before something has to be written out: the
 * least of limit less what is used and cannot be dropped. Undefined where none of them has a limit. Sources: memory.max, memory.high and
 * memory.stat in admin-guide/cgroup-v2.rst, memory.limit_in_bytes in cgroup-v1/memory.rst of the kernel.
 * @param root - where /proc and /sys lie
 */
export function cgroupMemoryLeft(pid: number, root = '/'): number | undefined {
  // Nothing is kept open, so there is no time to be told and nothing to dispose of.
  const files = createKernelFiles(root, () => 0)
  const place = placesOf(files.value(`proc/${pid}/cgroup`) ?? '', files)('memory')
  if (place === undefined) return undefined
  const left = place.directories.flatMap((at) => leftOf(files, at, place.version) ?? [])
  return left.length === 0 ? undefined : Math.min(...left)
}

function leftOf(files: KernelFiles, at: string, version: 1 | 2): number | undefined {
  const number = (file: string): number | undefined => numberOf(files.value(`${at}/${file}`))
  const [limits, used, prefix] =
    version === 2
      ? [[number('memory.max'), number('memory.high')], number('memory.current'), '']
      : [[number('memory.limit_in_bytes')], number('memory.usage_in_bytes'), 'total_']
  const set = limits.filter((one) => one !== undefined && one < unlimitedBytes)
  if (set.length === 0 || used === undefined) return undefined
  const stat = files.value(`${at}/memory.stat`) ?? ''
  const cached = ['active_file', 'inactive_file'].map(
    (name) => numberOf(new RegExp(`^${prefix}${name} (\\d+)$`, 'm').exec(stat)?.[1]) ?? 0,
  )
  const droppable = cached.reduce((sum, one) => sum + one, 0)
  return Math.max(0, Math.min(...set.map(Number)) - Math.max(0, used - droppable))
}

/** Version 1 says so where there is no limit: the largest number of pages that fits. */
const unlimitedBytes = 2 ** 62

/** `max` is none. */
function numberOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined
}
