/** What /proc/<pid>/stat says of a process, as far as anybody asks. */
export interface ProcessStat {
  readonly name: string
  readonly parent: number
  /** When it started, in clock ticks (USER_HZ) after the boot. */
  readonly startTicks: number
}

/**
 * The text of /proc/<pid>/stat: proc_pid_stat(5). The name may hold blanks and parentheses: the last one closes it.
 * @returns undefined for what is no such text
 */
export function parseProcessStat(text: string): ProcessStat | undefined {
  const close = text.lastIndexOf(')')
  const name = text.slice(text.indexOf('(') + 1, close)
  // Counted from the third field, the state.
  const fields = text
    .slice(close + 1)
    .trim()
    .split(' ')
  const parent = Number(fields[1])
  return Number.isSafeInteger(parent) ? { name, parent, startTicks: Number(fields[19]) } : undefined
}

/** Whether a process of that name is one of PostgreSQL. */
export function isPostgresName(name: string): boolean {
  return name === 'postgres' || name === 'postmaster'
}
