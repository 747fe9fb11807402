import type { KernelFiles } from '../../../common/kernel/kernel-files.ts'
import { isPostgresName } from '../../../common/kernel/process-stat.ts'
import type { ProcessSeen } from './processes.ts'

/** USER_HZ, the unit of times in /proc/<pid>/stat. */
const ticksPerSecond = 100
/** The kernel's clock is set now and then after it has started something; a server of another host that has the same process ids hardly started then too. */
const toleranceMs = 30_000
/** Of processes whose ids in their container are looked up. */
const mostLookups = 10_000

/** What a server says of its processes. */
export interface ToldProcess {
  /** Of one that it has for as long as it runs, as the server numbers it. */
  readonly childPid: number
  readonly startedMs: number
  /** Whether the session came through a socket's file, which no other host can have. */
  readonly isThroughSocket: boolean
}

export interface FoundPostmaster {
  readonly pid: number
  /** As the server itself sees it: in a container another one. */
  readonly ownPid: number
}

/**
 * The postmaster of a session's server, if it runs on this host: the parent of one of its processes, which started when the server says
 * that it did. Its data directory need not be readable, and it may be in a container, with process ids of its own.
 */
export function findPostmaster(
  files: KernelFiles,
  processes: ReadonlyMap<number, ProcessSeen>,
  told: ToldProcess,
): FoundPostmaster | undefined {
  const bootSeconds = Number(/^btime (\d+)$/m.exec(files.value('proc/stat') ?? '')?.[1])
  const parentOf = (child: ProcessSeen | undefined): ProcessSeen | undefined => {
    const parent = child === undefined ? undefined : processes.get(child.parent)
    return isPostgresName(child?.name ?? '') && isPostgresName(parent?.name ?? '') ? parent : undefined
  }
  const isSoOld = ({ startTicks }: ProcessSeen): boolean => {
    const startedMs = (bootSeconds + startTicks / ticksPerSecond) * 1000
    return Math.abs(startedMs - told.startedMs) <= toleranceMs
  }
  const direct = parentOf(processes.get(told.childPid))
  // A socket of a container can be mounted, so that it says nothing of numbers that are not the container's.
  if (direct !== undefined && idsOf(files, told.childPid).length <= 1) {
    if (isSoOld(direct) || told.isThroughSocket) return { pid: direct.pid, ownPid: direct.pid }
  }
  let lookups = 0
  for (const child of processes.values()) {
    const parent = parentOf(child)
    if (parent === undefined || !isSoOld(parent) || lookups++ >= mostLookups) continue
    if (idsOf(files, child.pid).at(-1) !== told.childPid) continue
    return { pid: parent.pid, ownPid: idsOf(files, parent.pid).at(-1) ?? parent.pid }
  }
  return undefined
}

/** Its numbers in all namespaces, the innermost last: NSpid in proc_pid_status(5). */
function idsOf(files: KernelFiles, pid: number): readonly number[] {
  const [, ids = ''] = /^NSpid:\s+(.+)$/m.exec(files.value(`proc/${pid}/status`) ?? '') ?? []
  return ids
    .split(/\s+/)
    .filter((id) => id !== '')
    .map(Number)
}
