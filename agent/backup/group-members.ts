import { readFileSync, readdirSync } from 'node:fs'

/** The processes of a group that have not ended, by state and group, the fields 3 and 5 of /proc/pid/stat (proc(5)). */
export function membersOf(leader: number): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && runsIn(name, leader))
    .map(Number)
}

function runsIn(pid: string, leader: number): boolean {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name, in parentheses, may hold anything.
    const [state, , group] = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return Number(group) === leader && state !== 'Z' && state !== 'X'
  } catch {
    return false
  }
}
