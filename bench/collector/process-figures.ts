import { readFileSync } from 'node:fs'

/** Linux' USER_HZ, in which proc(5) counts: 100 on every architecture that Node runs on. */
const ticksPerSecond = 100

/** User and system time of a process so far, in seconds: of all its threads, also of those that have ended. */
export function cpuSeconds(pid: number): number {
  // The name of the program stands in parentheses and may hold anything.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ')
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
}

/** Resident memory of a process in MiB. */
export interface Memory {
  readonly resident: number
  /** Of it, what no other process can use: heaps, stacks, buffers. */
  readonly anonymous: number
  /** Of it, pages of files, program and libraries above all; processes that map the same file share them. */
  readonly file: number
  /** The most that was resident since the start. */
  readonly peak: number
}

export function memoryMib(pid: number): Memory {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const mib = (key: string): number =>
    Number(new RegExp(`^${key}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? Number.NaN) / 1024
  return { resident: mib('VmRSS'), anonymous: mib('RssAnon'), file: mib('RssFile'), peak: mib('VmHWM') }
}
