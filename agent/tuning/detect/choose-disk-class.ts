import { diskClassOf } from '../evidence/read-latency.ts'
import type { ReadLatency } from '../evidence/read-latency.ts'
import type { DiskClass } from '../recommend/machine.ts'

export interface ChosenDiskClass {
  readonly diskClass: DiskClass
  /** Half a sentence. */
  readonly why: string
  /** Where that is from. */
  readonly from: string
  /** A sentence where two sources do not agree. */
  readonly note?: string
}

const names: Readonly<Record<DiskClass, string>> = {
  hdd: 'a rotating disk',
  ssd: 'a local SSD',
  nvme: 'local NVMe',
  san: 'a disk behind a network',
  unknown: 'a disk of an unknown kind',
}

/**
 * What the data lies on: what somebody has said, else by how long its reads really take, else by what the device says of itself. What
 * is known not to rotate is never taken for a rotating disk, however slow it is: that is a disk that is overloaded or held back.
 */
export function chooseDiskClass(known: {
  readonly said: DiskClass | null
  readonly latency: ReadLatency | undefined
  readonly device: { readonly diskClass: DiskClass; readonly why: string } | undefined
}): ChosenDiskClass {
  const { said, latency, device } = known
  if (said !== null) return { diskClass: said, why: 'said so', from: 'the request' }
  const byDevice = device ?? { diskClass: 'unknown', why: 'no device is known' }
  const observed = latency === undefined ? undefined : diskClassOf(latency.ms)
  if (latency === undefined) return { ...byDevice, from: '/sys' }
  const text = `${latency.reads.toLocaleString('en-US')} reads took ${latency.ms.toFixed(latency.ms < 1 ? 2 : 1)} ms in the mean`
  if (observed === undefined) {
    return {
      ...byDevice,
      why: `${byDevice.why}; ${text}, which is the kernel's cache and not the disk`,
      from: '/sys',
    }
  }
  const isSolid = byDevice.diskClass === 'nvme' || byDevice.diskClass === 'ssd'
  const diskClass = observed === 'hdd' && isSolid ? 'san' : observed
  const isOther = byDevice.diskClass !== 'unknown' && byDevice.diskClass !== diskClass
  return {
    diskClass,
    why: text,
    from: latency.from,
    ...(isOther
      ? {
          note: `by what it says of itself the data lies on ${names[byDevice.diskClass]} (${byDevice.why}), but ${text}: it is taken for ${names[diskClass]}`,
        }
      : {}),
  }
}
