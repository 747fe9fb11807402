import { readFile } from 'node:fs/promises'

/** When a process started, in ticks since the boot (field 22 of /proc/pid/stat); undefined for none, and for one that only waits to be reaped. */
export async function startTicksOf(pid: number): Promise<string | undefined> {
  try {
    const text = await readFile(`/proc/${pid}/stat`, 'utf8')
    // The name, in parentheses, may hold anything.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? undefined : fields[19]
  } catch {
    return undefined
  }
}
