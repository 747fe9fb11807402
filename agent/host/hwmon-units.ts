import { numberOf } from './table.ts'

export interface SensorFile {
  /** `temp`, `fan`, `in`, ... */
  readonly type: string
  /** With its number: `temp1`. */
  readonly sensor: string
  /** `input`, `crit_alarm`, ...; '' for a file that is the sensor itself. */
  readonly property: string
}

const types =
  /^(vrm|beep_enable|update_interval|in|cpu|fan|pwm|temp|curr|power|energy|humidity|intrusion|freq)(\d*)(?:_(.+))?$/

/** A file of /sys/class/hwmon/hwmon*, if it is one of a sensor. */
export function sensorFile(name: string): SensorFile | undefined {
  const [, type, number, property = ''] = types.exec(name) ?? []
  if (type === undefined || !/^\w*$/.test(property)) return undefined
  return { type, sensor: `${type}${number === '' ? '0' : number!}`, property: property.toLowerCase() }
}

/** Unit and factor of a kind of sensor, apart from its flags. */
const units: Readonly<Record<string, readonly [suffix: string, factor: number]>> = {
  in: ['_volts', 1e-3],
  cpu: ['_volts', 1e-3],
  temp: ['_celsius', 1e-3],
  curr: ['_amps', 1e-3],
  energy: ['_joule_total', 1e-6],
  power: ['_watt', 1e-6],
  humidity: ['', 1e-6],
  freq: ['_freq_mhz', 1e-6],
}

/** The metric of a file and its value in the metric's unit; undefined where the text is no number. */
export function readSensor(
  { type, property }: SensorFile,
  text: string,
): { readonly metric: string; readonly value: number } | undefined {
  const number = numberOf(text)
  if (number === undefined) return undefined
  if (type === 'beep_enable') return { metric: 'node_hwmon_beep_enabled', value: number === 1 ? 1 : 0 }
  if (type === 'vrm') return { metric: 'node_hwmon_voltage_regulator_version', value: number }
  if (type === 'update_interval') {
    return { metric: 'node_hwmon_update_interval_seconds', value: number / 1000 }
  }
  const [suffix, factor] = unitOf(type, property)
  const name = property === '' || property === 'input' ? '' : `_${property}`
  return { metric: `node_hwmon_${type}${name}${suffix}`, value: number * factor }
}

function unitOf(type: string, property: string): readonly [string, number] {
  if (property === 'beep') return ['_enabled', 1]
  if (property === 'fault' || property === 'alarm') return ['', 1]
  if (type === 'temp' && property === 'type') return ['', 1]
  if (type === 'fan') return ['input', 'min', 'max', 'target'].includes(property) ? ['_rpm', 1] : ['', 1]
  if (type === 'power' && property === 'accuracy') return ['', 1e-6]
  if (type === 'power' && /^average_interval(_min|_max)?$/.test(property)) return ['_seconds', 1e-3]
  return units[type] ?? ['', 1]
}
