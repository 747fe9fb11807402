import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemCodeOf } from '../../common/errors.ts'

/**
 * The postmaster of one of its backends, if that process is on this machine: /proc/PID/stat, proc_pid_stat(5). A
 * server in a container or behind a forwarded port has other process ids, which are then no `postgres` here.
 * @returns its pid, or undefined
 */
export function postmasterOf(backendPid: number, root = '/'): number | undefined {
  const backend = processAt(backendPid, root)
  if (backend === undefined) return undefined
  const parent = processAt(backend.parent, root)
  return isPostgres(backend.name) && parent !== undefined && isPostgres(parent.name)
    ? backend.parent
    : undefined
}

function isPostgres(name: string): boolean {
  return name === 'postgres' || name === 'postmaster'
}

/** The name may hold blanks and parentheses: the last one closes it. */
function processAt(
  pid: number,
  root: string,
): { readonly name: string; readonly parent: number } | undefined {
  try {
    const text = readFileSync(join(root, `proc/${pid}/stat`), 'utf8')
    const close = text.lastIndexOf(')')
    const name = text.slice(text.indexOf('(') + 1, close)
    const parent = Number(
      text
        .slice(close + 1)
        .trim()
        .split(' ')[1],
    )
    return Number.isSafeInteger(parent) ? { name, parent } : undefined
  } catch (error) {
    // EPERM where /proc is mounted with hidepid=1.
    if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes(systemCodeOf(error) ?? '')) return undefined
    throw error
  }
}
