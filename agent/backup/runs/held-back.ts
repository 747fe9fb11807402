import type { BackupPolicy } from '../../../common/backup/backup-policy.ts'

/** What the host and the server are busy with; null where it is not known. */
export interface LoadReadings {
  /** Of the last minute, for each processor. */
  readonly loadPerCpu: number | null
  readonly activeSessions: number | null
  /** A standby's own. */
  readonly lagBytes: number | null
  /** Share of the last minute in which something waited for a disk (PSI, some avg60). */
  readonly ioPressurePercent: number | null
}

/** Half a sentence about the first limit that is exceeded; what is not known holds nothing back. */
export function heldBackBy(guard: BackupPolicy['guard'], readings: LoadReadings): string | undefined {
  const told = (what: string, is: number, limit: number) => `${what} is ${is}, above ${limit}`
  const exceeds = (key: keyof LoadReadings): number | undefined => {
    const [limit, is] = [guard[key], readings[key]]
    return limit !== null && is !== null && is > limit ? is : undefined
  }
  const texts: readonly [keyof LoadReadings, string][] = [
    ['loadPerCpu', 'the load of each processor'],
    ['activeSessions', 'the number of active sessions'],
    ['lagBytes', 'the lag of this standby in bytes'],
    ['ioPressurePercent', 'the share of time that waits for disks in percent'],
  ]
  for (const [key, what] of texts) {
    const is = exceeds(key)
    if (is !== undefined) return told(what, Math.round(is * 100) / 100, guard[key] ?? 0)
  }
  return undefined
}
