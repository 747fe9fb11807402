import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemCodeOf } from '../../common/errors.ts'
import { isPostgresName, parseProcessStat } from '../../common/kernel/process-stat.ts'
import type { ProcessStat } from '../../common/kernel/process-stat.ts'

/**
 * The postmaster of one of its backends, if that process is on this machine: /proc/PID/stat, proc_pid_stat(5). A
 * server in a container or behind a forwarded port has other process ids, which are then no `postgres` here.
 * @returns its pid, or undefined
 */
export function postmasterOf(backendPid: number, root = '/'): number | undefined {
  const backend = processAt(backendPid, root)
  if (backend === undefined) return undefined
  const parent = processAt(backend.parent, root)
  return isPostgresName(backend.name) && parent !== undefined && isPostgresName(parent.name)
    ? backend.parent
    : undefined
}

function processAt(pid: number, root: string): ProcessStat | undefined {
  try {
    return parseProcessStat(readFileSync(join(root, `proc/${pid}/stat`), 'utf8'))
  } catch (error) {
    // EPERM where /proc is mounted with hidepid=1.
    if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes(systemCodeOf(error) ?? '')) return undefined
    throw error
  }
}
