import { readFileSync, readdirSync } from 'node:fs'

interface ProcessStat {
  readonly state: string
  readonly parent: number
}

/** State and parent of a process, from /proc/PID/stat (proc(5)); undefined when there is none. */
function statOf(pid: number): ProcessStat | undefined {
  let text: string
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8')
  } catch {
    return undefined
  }
  // The command name is in parentheses and may itself contain spaces and parentheses.
  const [state, parent] = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return { state: state!, parent: Number(parent) }
}

/** Whether a process runs. A zombie does not, although signals to it succeed. */
export function isAlive(pid: number): boolean {
  const stat = statOf(pid)
  return stat !== undefined && stat.state !== 'Z' && stat.state !== 'X'
}

/** Whether a process is stopped by a signal. */
export function isStopped(pid: number): boolean {
  return statOf(pid)?.state === 'T'
}

/** The living children of a process, not theirs. */
export function childrenOf(pid: number): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((candidate) => {
      const stat = statOf(candidate)
      return stat?.parent === pid && stat.state !== 'Z' && stat.state !== 'X'
    })
}

/** Resident memory in bytes; 0 when the process is gone. */
export function residentBytes(pid: number): number {
  try {
    const match = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
    return Number(match?.[1] ?? 0) * 1024
  } catch {
    return 0
  }
}

/** Sends a signal; false when the process is already gone. */
export function signalProcess(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false
    throw error
  }
}
