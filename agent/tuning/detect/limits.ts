import { placesOf, unlimitedBytes } from '../../../common/kernel/cgroup-path.ts'
import type { CgroupPlace } from '../../../common/kernel/cgroup-path.ts'
import type { KernelFiles } from '../../../common/kernel/kernel-files.ts'

/** A limit, and the file of the kernel that says it. */
export interface FoundLimit {
  readonly value: number
  readonly from: string
}

/** Where the cgroup of a process lies, of the hierarchy that has a controller; undefined where none can be seen. */
export function placeFor(
  files: KernelFiles,
  pid: number | 'self',
  controller: string,
): CgroupPlace | undefined {
  const text = files.value(`proc/${pid}/cgroup`)
  if (text === undefined || files.value('proc/self/mountinfo') === undefined) return undefined
  return placesOf(text, files)(controller)
}

/** The least of some limits; version 1 of cgroups says that there is none by a number beyond every memory, others by a word or -1. */
export function tightestOf(
  limits: readonly { readonly from: string; readonly value: number | undefined }[],
): FoundLimit | undefined {
  let least: FoundLimit | undefined
  for (const { value, from } of limits) {
    if (value === undefined || value < 0 || value >= unlimitedBytes) continue
    if (least === undefined || value < least.value) least = { value, from: `/${from}` }
  }
  return least
}
