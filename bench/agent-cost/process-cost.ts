import { readFileSync, readdirSync } from 'node:fs'

/** What a process holds, in MiB (proc(5)). */
export interface Memory {
  readonly resident: number
  /** The most that was ever resident. */
  readonly peak: number
  /** Pages shared with other processes count by their share. */
  readonly proportional: number
}

export function memoryOf(pid: number): Memory {
  return {
    resident: kibibytes(`/proc/${pid}/status`, 'VmRSS') / 1024,
    peak: kibibytes(`/proc/${pid}/status`, 'VmHWM') / 1024,
    proportional: kibibytes(`/proc/${pid}/smaps_rollup`, 'Pss') / 1024,
  }
}

/**
 * Processor time of all threads so far, in milliseconds: what utime and stime of /proc/PID/stat add up to, which are
 * in steps of 10 ms, from schedstat, which is in nanoseconds.
 */
export function cpuMs(pid: number): number {
  let total = 0
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    total += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ', 1)[0]) / 1e6
  }
  return total
}

function kibibytes(file: string, key: string): number {
  return Number(new RegExp(`^${key}:\\s+(\\d+) kB$`, 'm').exec(readFileSync(file, 'utf8'))?.[1] ?? Number.NaN)
}
