import type { SampleRow, SampleTable } from '../../common/series/sample-table.ts'
import { createLabelCache } from './labels.ts'
import { numberOf, scaled } from './table.ts'

/** The kernel counts in sectors of this size whatever the device's own is (block/stat.rst). */
const sectorBytes = 512

/** RAM disks, loops, floppies and partitions. */
const ignored = /^(z?ram|loop|fd|(h|s|v|xv)d[a-z]|nvme\d+n\d+p)\d+$/

/** Metric and factor of each field after the device's name, in the kernel's order (admin-guide/iostats.rst). */
const fields: readonly (readonly [string, number])[] = [
  ['node_disk_reads_completed_total', 1],
  ['node_disk_reads_merged_total', 1],
  ['node_disk_read_bytes_total', sectorBytes],
  ['node_disk_read_time_seconds_total', 1e-3],
  ['node_disk_writes_completed_total', 1],
  ['node_disk_writes_merged_total', 1],
  ['node_disk_written_bytes_total', sectorBytes],
  ['node_disk_write_time_seconds_total', 1e-3],
  ['node_disk_io_now', 1],
  ['node_disk_io_time_seconds_total', 1e-3],
  ['node_disk_io_time_weighted_seconds_total', 1e-3],
  ['node_disk_discards_completed_total', 1],
  ['node_disk_discards_merged_total', 1],
  ['node_disk_discarded_sectors_total', 1],
  ['node_disk_discard_time_seconds_total', 1e-3],
  ['node_disk_flush_requests_total', 1],
  ['node_disk_flush_requests_time_seconds_total', 1e-3],
]

const metrics = fields.map(([name]) => name)
const labelNames = ['device']

export interface Disk {
  readonly major: string
  readonly minor: string
  readonly device: string
  readonly counts: readonly string[]
}

/** The disks of /proc/diskstats that count: neither partitions nor RAM disks nor loops. */
export function parseDisks(text: string): readonly Disk[] {
  const disks: Disk[] = []
  for (const line of text.split('\n')) {
    const [major, minor, device, ...counts] = line.trim().split(/ +/)
    if (major === undefined || minor === undefined || device === undefined || ignored.test(device)) continue
    disks.push({ major, minor, device, counts })
  }
  return disks
}

/** Reads /proc/diskstats; a field that this kernel does not have gives no sample. */
export function createDiskstatsParser(): (text: string) => readonly SampleTable[] {
  const labels = createLabelCache()
  return (text) => {
    const rows: SampleRow[] = []
    for (const { device, counts } of parseDisks(text)) {
      const values = fields.map(([, factor], i) => scaled(numberOf(counts[i]), factor))
      rows.push({ labels: labels.of(device), values })
    }
    labels.turn()
    return [{ metrics, labelNames, rows }]
  }
}
