import { basename } from 'node:path'

/** What a block device has done since the machine started; times in milliseconds. */
export interface DiskTime {
  readonly reads: number
  readonly readMs: number
  readonly writes: number
  readonly writeMs: number
  /** In which it had anything to do. */
  readonly busyMs: number
  /** Of all requests together. */
  readonly waitedMs: number
}

/** The device of a file system. */
export interface DiskName {
  /** `major:minor`; of btrfs and the like it is none that /proc/diskstats knows. */
  readonly device: string
  /** Such as `/dev/sda1`. */
  readonly source: string
}

/**
 * @param text - of /proc/diskstats: Documentation/admin-guide/iostats.rst
 * @returns undefined where the kernel counts nothing of that device
 */
export function readDiskTime(text: string, { device, source }: DiskName): DiskTime | undefined {
  const lines = text.split('\n').map((line) => line.trim().split(/ +/))
  const found =
    lines.find(([major, minor]) => `${major}:${minor}` === device) ??
    lines.find(([, , name]) => source.startsWith('/dev/') && name === basename(source))
  if (found === undefined) return undefined
  const [reads, , , readMs, writes, , , writeMs, , busyMs, waitedMs] = found.slice(3).map(Number)
  if (waitedMs === undefined || !Number.isFinite(waitedMs)) return undefined
  return { reads: reads!, readMs: readMs!, writes: writes!, writeMs: writeMs!, busyMs: busyMs!, waitedMs }
}

/** What it did between two looks. */
export function diskGauges(
  before: DiskTime,
  now: DiskTime,
  elapsedMs: number,
): readonly (readonly [name: string, value: number])[] {
  const reads = now.reads - before.reads
  const writes = now.writes - before.writes
  const busyMs = now.busyMs - before.busyMs
  const waitedMs = now.waitedMs - before.waitedMs
  if (elapsedMs <= 0 || reads < 0 || writes < 0 || busyMs < 0 || waitedMs < 0) return []
  return [
    ['disk_busy', Math.min(1, busyMs / elapsedMs)],
    ['disk_queue', waitedMs / elapsedMs],
    ...(reads > 0 ? [['disk_read_ms', (now.readMs - before.readMs) / reads] as const] : []),
    ...(writes > 0 ? [['disk_write_ms', (now.writeMs - before.writeMs) / writes] as const] : []),
  ]
}
