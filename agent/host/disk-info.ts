import type { SampleRow, SampleTable } from '../../common/series/sample-table.ts'
import { parseDisks } from './disk.ts'
import type { KernelFiles } from '../../common/kernel/kernel-files.ts'
import { numberOf } from './table.ts'

const infoNames = ['device', 'major', 'minor', 'model', 'path', 'revision', 'serial', 'wwn']
const filesystemNames = ['device', 'type', 'usage', 'uuid', 'version']
const mapperNames = ['device', 'lv_layer', 'lv_name', 'name', 'uuid', 'vg_name']
const ataMetrics = [
  'node_disk_ata_write_cache',
  'node_disk_ata_write_cache_enabled',
  'node_disk_ata_rotation_rate_rpm',
]

/**
 * What udev found out about the disks, in its database /run/udev/data, which is kept in memory: a file per device,
 * `E:NAME=value` per property.
 */
export function readDiskInfo(files: KernelFiles): readonly SampleTable[] {
  const infos: SampleRow[] = []
  const filesystems: SampleRow[] = []
  const mappers: SampleRow[] = []
  const ata: SampleRow[] = []
  for (const { device, major, minor } of parseDisks(files.read('proc/diskstats'))) {
    const properties = readProperties(files, `${major}:${minor}`)
    const of = (name: string): string => properties.get(name) ?? ''
    // The first is printed on the disk, the last is all that a virtual one has.
    const serial = of('SCSI_IDENT_SERIAL') || of('ID_SERIAL_SHORT') || of('ID_SERIAL')
    const facts = [of('ID_MODEL'), of('ID_PATH'), of('ID_REVISION'), serial, of('ID_WWN')]
    infos.push({ labels: [device, major, minor, ...facts], values: [1] })
    if (of('ID_FS_TYPE') !== '') {
      const labels = [device, of('ID_FS_TYPE'), of('ID_FS_USAGE'), of('ID_FS_UUID'), of('ID_FS_VERSION')]
      filesystems.push({ labels, values: [1] })
    }
    if (of('DM_NAME') !== '') {
      const names = [of('DM_LV_LAYER'), of('DM_LV_NAME'), of('DM_NAME'), of('DM_UUID'), of('DM_VG_NAME')]
      mappers.push({ labels: [device, ...names], values: [1] })
    }
    if (of('ID_ATA') !== '') {
      const properties = ['ID_ATA_WRITE_CACHE', 'ID_ATA_WRITE_CACHE_ENABLED', 'ID_ATA_ROTATION_RATE_RPM']
      ata.push({ labels: [device], values: properties.map((name) => numberOf(of(name))) })
    }
  }
  return [
    { metrics: ['node_disk_info'], labelNames: infoNames, rows: infos },
    { metrics: ['node_disk_filesystem_info'], labelNames: filesystemNames, rows: filesystems },
    { metrics: ['node_disk_device_mapper_info'], labelNames: mapperNames, rows: mappers },
    { metrics: ataMetrics, labelNames: ['device'], rows: ata },
  ]
}

function readProperties(files: KernelFiles, number: string): ReadonlyMap<string, string> {
  const properties = new Map<string, string>()
  const text = files.value(`run/udev/data/b${number}`) ?? ''
  for (const [, name, value] of text.matchAll(/^E:([^=\n]+)=(.*)$/gm)) properties.set(name!, value!)
  return properties
}
