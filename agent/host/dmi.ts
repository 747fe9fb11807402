import type { SampleTable } from '../../common/series/sample-table.ts'
import type { KernelFiles } from '../../common/kernel/kernel-files.ts'
import { infoTable } from './table.ts'

/** Files of /sys/class/dmi/id; serial numbers among them can be read by root only. */
const facts = [
  'bios_date',
  'bios_release',
  'bios_vendor',
  'bios_version',
  'board_asset_tag',
  'board_name',
  'board_serial',
  'board_vendor',
  'board_version',
  'chassis_asset_tag',
  'chassis_serial',
  'chassis_vendor',
  'chassis_version',
  'product_family',
  'product_name',
  'product_serial',
  'product_sku',
  'product_uuid',
  'product_version',
]

/** What the firmware says the machine is; none on machines without DMI. */
export function readDmi(files: KernelFiles): readonly SampleTable[] {
  const labels: Record<string, string> = {}
  for (const fact of facts) {
    const value = files.value(`sys/class/dmi/id/${fact}`)
    if (value !== undefined) labels[fact] = value
  }
  const vendor = files.value('sys/class/dmi/id/sys_vendor')
  if (vendor !== undefined) labels['system_vendor'] = vendor
  return Object.keys(labels).length === 0 ? [] : [infoTable('node_dmi_info', labels)]
}
