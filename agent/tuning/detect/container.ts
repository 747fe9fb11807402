import type { KernelFiles } from '../../../common/kernel/kernel-files.ts'
import type { FoundPostmaster } from './find-postmaster.ts'
import { mountOf } from './mount-table.ts'
import type { Mount } from './mount-table.ts'

/** How runtimes call the cgroups of their containers. */
const containerPaths =
  /\/(docker|libpod|lxc|kubepods|crio|containerd|garden)[/.:-]|\/(docker|cri-containerd)-[0-9a-f]{12}/

/**
 * By what PostgreSQL is seen to run in a container; undefined where by nothing. Its process ids are its own, its cgroup is named by a
 * runtime, or the runtime's mark lies in its root directory; a disk that was made from an image has that mark as well.
 * @param place - its root directory, below the root of these files, without slashes around it, and what is mounted there
 */
export function containerSign(
  files: KernelFiles,
  { pid, ownPid }: FoundPostmaster,
  { base, mounts }: { readonly base: string; readonly mounts: readonly Mount[] },
): string | undefined {
  if (ownPid !== pid) return `its process ${pid} calls itself ${ownPid}`
  const path = containerPaths.exec(files.value(`proc/${pid}/cgroup`) ?? '')
  if (path !== null) return `its cgroup is named by ${path[1] ?? path[2] ?? 'a runtime'}`
  const source = mountOf(mounts, '/')?.source ?? ''
  if (/^\/dev\/(?!mapper\/docker)/.test(source)) return undefined
  const mark = ['.dockerenv', 'run/.containerenv'].find(
    (name) => files.value(base === '' ? name : `${base}/${name}`) !== undefined,
  )
  return mark === undefined ? undefined : `/${mark} is there`
}
