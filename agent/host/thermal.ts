import type { SampleRow, SampleTable } from '../../common/series/sample-table.ts'
import type { KernelFiles } from '../../common/kernel/kernel-files.ts'
import type { SlowFiles } from './slow-files.ts'
import { numberOf, scaled } from './table.ts'

const base = 'sys/class/thermal'

/** Thermal zones in degrees Celsius and cooling devices in steps (driver-api/thermal/sysfs-api.rst). */
export async function readThermal(files: KernelFiles, slow: SlowFiles): Promise<readonly SampleTable[]> {
  const zones: SampleRow[] = []
  const devices: SampleRow[] = []
  for (const entry of files.list(base)) {
    const [, kind, number] = /^(thermal_zone|cooling_device)(\d+)$/.exec(entry) ?? []
    if (kind === undefined || number === undefined) continue
    const type = files.value(`${base}/${entry}/type`) ?? ''
    const read = async (file: string): Promise<number | undefined> =>
      numberOf(await slow.value(`${base}/${entry}/${file}`))
    if (kind === 'thermal_zone') {
      zones.push({ labels: [type, number], values: [scaled(await read('temp'), 1e-3)] })
    } else {
      const values = [await read('cur_state'), await read('max_state')]
      devices.push({ labels: [number, type], values })
    }
  }
  return [
    { metrics: ['node_thermal_zone_temp'], labelNames: ['type', 'zone'], rows: zones },
    {
      metrics: ['node_cooling_device_cur_state', 'node_cooling_device_max_state'],
      labelNames: ['name', 'type'],
      rows: devices,
    },
  ]
}
