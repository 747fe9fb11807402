import type { KernelFiles } from '../../../common/kernel/kernel-files.ts'
import { placeFor, tightestOf } from './limits.ts'
import type { FoundLimit } from './limits.ts'
import { readNumber } from './read-number.ts'

/**
 * The processors that a process may use: the least of those that are online, of its affinity, and of the quota and the set of processors
 * of its cgroup and those above it. A quota of 2.5 is 2, because a third one is never there in full. Undefined where the kernel shows
 * none of it.
 * @param pid - or `self`
 */
export function processorsOf(files: KernelFiles, pid: number | 'self'): FoundLimit | undefined {
  const online = 'sys/devices/system/cpu/online'
  const status = files.value(`proc/${pid}/status`) ?? ''
  const quota = quotaOf(files, pid)
  return tightestOf([
    { from: online, value: countOf(files.value(online)) },
    { from: `proc/${pid}/status`, value: countOf(/^Cpus_allowed_list:\s*(.+)$/m.exec(status)?.[1]) },
    ...cpusetsOf(files, pid),
    ...(quota === undefined
      ? []
      : [{ from: quota.from.slice(1), value: Math.max(1, Math.floor(quota.value)) }]),
  ])
}

function quotaOf(files: KernelFiles, pid: number | 'self'): FoundLimit | undefined {
  const place = placeFor(files, pid, 'cpu')
  if (place === undefined) return undefined
  return tightestOf(
    place.directories.map((at) => {
      if (place.version === 2) {
        const [quota, period] = (files.value(`${at}/cpu.max`) ?? '').split(' ').map(Number)
        return { from: `${at}/cpu.max`, value: ratio(quota, period) }
      }
      const value = ratio(
        readNumber(files, `${at}/cpu.cfs_quota_us`),
        readNumber(files, `${at}/cpu.cfs_period_us`),
      )
      return { from: `${at}/cpu.cfs_quota_us`, value }
    }),
  )
}

/** What is in force is told by the kernel with all that is above it; where it is not told, each of them counts. */
function cpusetsOf(
  files: KernelFiles,
  pid: number | 'self',
): readonly { readonly from: string; readonly value: number | undefined }[] {
  const place = placeFor(files, pid, 'cpuset')
  if (place === undefined) return []
  const names = place.version === 2 ? ['cpuset.cpus.effective'] : ['cpuset.effective_cpus', 'cpuset.cpus']
  return place.directories.flatMap((at) =>
    names.map((name) => ({ from: `${at}/${name}`, value: countOf(files.value(`${at}/${name}`)) })),
  )
}

/** How many a list such as `0-3,8` names (cpuset(7), "List format"); undefined for none. */
export function countOf(list: string | undefined): number | undefined {
  if (list === undefined || list.trim() === '') return undefined
  let count = 0
  for (const part of list.trim().split(',')) {
    const [, first, last = first] = /^(\d+)(?:-(\d+))?$/.exec(part) ?? []
    if (first === undefined) return undefined
    count += Number(last) - Number(first) + 1
  }
  return count
}

function ratio(part: number | undefined, whole: number | undefined): number | undefined {
  if (part === undefined || whole === undefined || !(part >= 0) || !(whole > 0)) return undefined
  return part / whole
}
