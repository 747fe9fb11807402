import type { SampleRow, SampleTable } from '../../common/series/sample-table.ts'
import type { KernelFiles } from '../../common/kernel/kernel-files.ts'
import { readSensor, sensorFile } from './hwmon-units.ts'
import type { SlowFiles } from './slow-files.ts'

const base = 'sys/class/hwmon'
const labelNames = ['chip', 'sensor']

/** More files than this in one chip are not read. */
const maxFiles = 500

/**
 * Sensors (hwmon/sysfs-interface.rst): temperatures, voltages, fans, power. Reading one may mean to ask a slow bus, so
 * that happens one after the other and aside.
 */
export async function readHwmon(files: KernelFiles, slow: SlowFiles): Promise<readonly SampleTable[]> {
  const names: SampleRow[] = []
  const sensorLabels: SampleRow[] = []
  const rows = new Map<string, SampleRow[]>()
  for (const entry of files.list(base)) {
    const at = `${base}/${entry}`
    const name = clean(files.value(`${at}/name`) ?? '')
    const chip = chipOf(files, at) ?? (name === '' ? clean(entry) : name)
    if (name !== '') names.push({ labels: [chip, name], values: [1] })
    // Old drivers have their sensors in the directory of the device.
    for (const directory of [at, `${at}/device`]) {
      for (const file of files.list(directory).slice(0, maxFiles)) {
        const found = sensorFile(file)
        if (found === undefined) continue
        const text = await slow.value(`${directory}/${file}`)
        if (text === undefined) continue
        if (found.property === 'label') {
          sensorLabels.push({ labels: [chip, text, found.sensor], values: [1] })
          continue
        }
        const sample = readSensor(found, text)
        if (sample === undefined) continue
        const of = rows.get(sample.metric) ?? []
        of.push({ labels: [chip, found.sensor], values: [sample.value] })
        rows.set(sample.metric, of)
      }
    }
  }
  return [
    { metrics: ['node_hwmon_chip_names'], labelNames: ['chip', 'chip_name'], rows: names },
    { metrics: ['node_hwmon_sensor_label'], labelNames: ['chip', 'label', 'sensor'], rows: sensorLabels },
    ...[...rows].map(([metric, of]) => ({ metrics: [metric], labelNames, rows: of })),
  ]
}

/** The place of a chip, which outlives a reboot as its number does not: the last two steps to its device. */
function chipOf(files: KernelFiles, at: string): string | undefined {
  const [type, device] = files.realPath(`${at}/device`)?.split('/').slice(-2).map(clean) ?? []
  if (device === undefined || device === '') return undefined
  return type === undefined || type === '' ? device : `${type}_${device}`
}

function clean(name: string): string {
  return name
    .toLowerCase()
    .replaceAll(/[^a-z0-9:_]/g, '_')
    .replaceAll(/^_+|_+$/g, '')
}
