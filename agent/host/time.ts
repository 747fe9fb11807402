import type { SampleTable } from '../../common/series/sample-table.ts'
import type { KernelFiles } from './kernel-files.ts'

const base = 'sys/devices/system/clocksource'

/** The clocks that the kernel could go by and the one it does. */
export function readClocksources(files: KernelFiles): readonly SampleTable[] {
  const devices = files.list(base).flatMap((name) => /^clocksource(\d+)$/.exec(name)?.[1] ?? [])
  const rowsOf = (file: string): SampleTable['rows'] =>
    devices.flatMap((device) => {
      const names = (files.value(`${base}/clocksource${device}/${file}`) ?? '').split(/\s+/)
      return names.filter((name) => name !== '').map((name) => ({ labels: [name, device], values: [1] }))
    })
  const labelNames = ['clocksource', 'device']
  return [
    {
      metrics: ['node_time_clocksource_available_info'],
      labelNames,
      rows: rowsOf('available_clocksource'),
    },
    { metrics: ['node_time_clocksource_current_info'], labelNames, rows: rowsOf('current_clocksource') },
  ]
}

/** The rule at the end of a file of tzfile(5), such as `CET-1CEST,M3.5.0,M10.5.0/3`. */
const zoneRule = /\n(<[^<>\n]+>|[A-Za-z]+)([+-]?\d+)(?::(\d+))?[^A-Za-z<\n]*(<[^<>\n]+>|[A-Za-z]+)?[^\n]*\n?$/

/**
 * How far the machine's local time is from UTC, under the zone's short name.
 * @param tzfile the content of /etc/localtime; UTC where there is none
 * @param offsetSeconds what is to be added to UTC now
 */
export function timeZoneTable(tzfile: string | undefined, offsetSeconds: number): SampleTable {
  const [, standard = 'UTC', hours = '0', minutes = '0', summer] = zoneRule.exec(`${tzfile ?? ''}\n`) ?? []
  // POSIX counts westwards.
  const sign = hours.startsWith('-') ? 1 : -1
  const standardSeconds = sign * (Math.abs(Number(hours)) * 3600 + Number(minutes) * 60)
  const name = summer !== undefined && offsetSeconds !== standardSeconds ? summer : standard
  return {
    metrics: ['node_time_zone_offset_seconds'],
    labelNames: ['time_zone'],
    rows: [{ labels: [name.replaceAll(/[<>]/g, '')], values: [offsetSeconds] }],
  }
}
