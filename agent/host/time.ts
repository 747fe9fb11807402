import type { SampleTable } from '../../common/series/sample-table.ts'
import type { KernelFiles } from '../../common/kernel/kernel-files.ts'
import { zoneTimeAt } from './time-zone.ts'

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

/**
 * How far the machine's local time is from UTC, under the zone's short name.
 * @param tzfile the content of /etc/localtime; UTC where there is none
 */
export function timeZoneTable(tzfile: Buffer | undefined, nowMs: number): SampleTable {
  const { name, offsetSeconds } = zoneTimeAt(tzfile, nowMs / 1000)
  return {
    metrics: ['node_time_zone_offset_seconds'],
    labelNames: ['time_zone'],
    rows: [{ labels: [name], values: [offsetSeconds] }],
  }
}
