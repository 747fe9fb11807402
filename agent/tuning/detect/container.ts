import type { KernelFiles } from '../../../common/kernel/kernel-files.ts'
import type { FoundPostmaster } from './find-postmaster.ts'

/** How runtimes call the cgroups of their containers. */
const containerPaths =
  /\/(docker|libpod|lxc|kubepods|crio|containerd|garden)[/.:-]|\/(docker|cri-containerd)-[0-9a-f]{12}/

/**
 * By what PostgreSQL is seen to run in a container; undefined where by nothing. Its process ids are its own, its cgroup is named by a
 * runtime, or the runtime's mark lies in its root directory.
 * @param base - the root directory of the server, below the root of these files, without slashes around it
 */
export function containerSign(
  files: KernelFiles,
  { pid, ownPid }: FoundPostmaster,
  base: string,
): string | undefined {
  if (ownPid !== pid) return `its process ${pid} calls itself ${ownPid}`
  const path = containerPaths.exec(files.value(`proc/${pid}/cgroup`) ?? '')
  if (path !== null) return `its cgroup is named by ${path[1] ?? path[2] ?? 'a runtime'}`
  const marks = ['.dockerenv', 'run/.containerenv']
  const mark = marks.find((name) => files.value(base === '' ? name : `${base}/${name}`) !== undefined)
  return mark === undefined ? undefined : `/${mark} is there`
}
