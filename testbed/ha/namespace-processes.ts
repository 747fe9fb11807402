import { readFileSync, readdirSync, readlinkSync } from 'node:fs'
import { isAlive } from '../process-table.ts'

export interface NamespaceProcess {
  /** As seen from here, not from inside. */
  readonly pid: number
  readonly parent: number
  /** At most 15 bytes (proc(5)). */
  readonly name: string
  readonly command: readonly string[]
}

/**
 * The living processes of a namespace of process ids.
 * @param namespace what /proc/PID/ns/pid points to: `pid:[4026532001]`
 */
export function processesOf(namespace: string): readonly NamespaceProcess[] {
  const found: NamespaceProcess[] = []
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue
    try {
      if (readlinkSync(`/proc/${entry}/ns/pid`) !== namespace) continue
      const pid = Number(entry)
      if (!isAlive(pid)) continue
      const status = readFileSync(`/proc/${entry}/status`, 'utf8')
      found.push({
        pid,
        parent: Number(/^PPid:\t(\d+)$/m.exec(status)?.[1] ?? 0),
        name: /^Name:\t(.*)$/m.exec(status)?.[1] ?? '',
        command: readFileSync(`/proc/${entry}/cmdline`, 'utf8').split('\0').slice(0, -1),
      })
    } catch {
      // It ended while we looked.
    }
  }
  return found
}
