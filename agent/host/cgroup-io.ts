import type { CgroupPlace } from '../../common/kernel/cgroup-path.ts'
import type { KernelFiles } from '../../common/kernel/kernel-files.ts'
import { linesOf, numberOf } from './table.ts'

/** Bytes read and written, reads and writes. */
export type DeviceIo = readonly (number | undefined)[]

const fields = ['rbytes', 'wbytes', 'rios', 'wios']

/** What a cgroup reads and writes, by the number of the device. */
export function readDeviceIo(
  files: KernelFiles,
  { version, directories }: CgroupPlace,
): Map<string, DeviceIo> {
  const [at] = directories
  const text = (file: string): string => files.value(`${at}/${file}`) ?? ''
  return version === 2
    ? parseIoStat(text('io.stat'))
    : parseThrottle(text('blkio.throttle.io_service_bytes'), text('blkio.throttle.io_serviced'))
}

/** `8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=5 dios=6` */
function parseIoStat(text: string): Map<string, DeviceIo> {
  const devices = new Map<string, DeviceIo>()
  for (const line of linesOf(text)) {
    const [number, ...pairs] = line.split(' ')
    if (!/^\d+:\d+$/.test(number!)) continue
    const values = new Map<string, string>()
    for (const pair of pairs) {
      const [name, value] = pair.split('=', 2)
      if (value !== undefined) values.set(name!, value)
    }
    const counts = fields.map((field) => numberOf(values.get(field)))
    if (counts.some((count) => count !== undefined)) devices.set(number!, counts)
  }
  return devices
}

/** `8:0 Read 1`, also for Write, Sync, Async, Discard and Total; then `Total 2` of all. */
function parseThrottle(bytes: string, operations: string): Map<string, DeviceIo> {
  const devices = new Map<string, (number | undefined)[]>()
  for (const [i, text] of [bytes, operations].entries()) {
    for (const line of linesOf(text)) {
      const [, number, way, count] = /^(\d+:\d+) (Read|Write) (\d+)$/.exec(line) ?? []
      if (number === undefined) continue
      const counts = devices.get(number) ?? fields.map(() => undefined)
      counts[i * 2 + (way === 'Read' ? 0 : 1)] = numberOf(count)
      devices.set(number, counts)
    }
  }
  return devices
}
