import { setImmediate } from 'node:timers/promises'
import type { KernelFiles } from '../../../common/kernel/kernel-files.ts'
import { isPostgresName, parseProcessStat } from '../../../common/kernel/process-stat.ts'
import type { ProcessStat } from '../../../common/kernel/process-stat.ts'

/** A process of this host. Memory in bytes. */
export interface ProcessSeen extends ProcessStat {
  readonly pid: number
  /** Its address space: of a postmaster nearly all of it is the server's shared memory, also what nobody has touched. */
  readonly mappedBytes: number
  /** What is its own, and would be given back if it ended. */
  readonly ownBytes: number
  /** Resident memory that it may share with others: files and shared memory. */
  readonly sharedBytes: number
}

/** More than a host has; beyond it nobody waits for an answer. */
const mostProcesses = 100_000
/** Some milliseconds of work. */
const batch = 250

/**
 * All processes that can be seen, by their number: /proc/<pid>/stat and statm (proc_pid_statm(5)), both of which the kernel shows to
 * everybody unless /proc is mounted with hidepid.
 * @param pageBytes - the unit of statm
 */
export async function readProcesses(
  files: KernelFiles,
  pageBytes: number,
): Promise<ReadonlyMap<number, ProcessSeen>> {
  const seen = new Map<number, ProcessSeen>()
  const names = files.list('proc').filter((name) => /^\d+$/.test(name))
  for (const [i, name] of names.slice(0, mostProcesses).entries()) {
    if (i % batch === batch - 1) await setImmediate()
    const stat = parseProcessStat(files.value(`proc/${name}/stat`) ?? '')
    if (stat === undefined) continue
    const [mapped = 0, resident = 0, shared = 0] = (files.value(`proc/${name}/statm`) ?? '')
      .split(' ')
      .map((pages) => Number(pages) * pageBytes)
    const pid = Number(name)
    seen.set(pid, {
      ...stat,
      pid,
      mappedBytes: mapped,
      ownBytes: Math.max(0, resident - shared),
      sharedBytes: shared,
    })
  }
  return seen
}

/** Those that are of PostgreSQL and that none of PostgreSQL has started. */
export function postmastersOf(processes: ReadonlyMap<number, ProcessSeen>): readonly ProcessSeen[] {
  return [...processes.values()].filter(
    ({ name, parent }) => isPostgresName(name) && !isPostgresName(processes.get(parent)?.name ?? ''),
  )
}
