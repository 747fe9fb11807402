import type { SampleRow, SampleTable } from '../../common/series/sample-table.ts'
import type { KernelFiles } from '../../common/kernel/kernel-files.ts'
import { createLabelCache } from './labels.ts'
import type { SlowFiles } from './slow-files.ts'
import { numberOf } from './table.ts'

/** Attributes of /sys/class/net/<device> (ABI/testing/sysfs-class-net) that the kernel has in memory. */
const attributes: readonly (readonly [file: string, metric: string])[] = [
  ['addr_assign_type', 'node_network_address_assign_type'],
  ['carrier_up_count', 'node_network_carrier_up_changes_total'],
  ['carrier_down_count', 'node_network_carrier_down_changes_total'],
  ['dev_id', 'node_network_device_id'],
  ['dormant', 'node_network_dormant'],
  ['flags', 'node_network_flags'],
  ['ifindex', 'node_network_iface_id'],
  ['iflink', 'node_network_iface_link'],
  ['link_mode', 'node_network_iface_link_mode'],
  ['mtu', 'node_network_mtu_bytes'],
  ['name_assign_type', 'node_network_name_assign_type'],
  ['netdev_group', 'node_network_net_dev_group'],
  ['type', 'node_network_protocol_type'],
  ['tx_queue_len', 'node_network_transmit_queue_length'],
  ['statistics/rx_nohandler', 'node_network_receive_nohandler_total'],
]

const metrics = [
  'node_network_up',
  'node_network_carrier_changes_total',
  'node_network_carrier',
  'node_network_speed_bytes',
  ...attributes.map(([, metric]) => metric),
]
const labelNames = ['device']
const infoMetrics = ['node_network_info']
const infoLabelNames = ['address', 'broadcast', 'device', 'duplex', 'ifalias', 'operstate']

const bytesPerMegabit = 125_000

/** What only the device's driver knows, or what waits behind the lock of all network configuration. */
export interface Link {
  readonly carrier: number | undefined
  readonly speedBytes: number | undefined
  readonly duplex: string
}

interface Known {
  readonly operstate: string | undefined
  readonly changes: string | undefined
  readonly values: readonly (number | undefined)[]
  readonly address: string
  readonly broadcast: string
  readonly ifalias: string
  readonly readAtMs: number
}

export interface NetclassOptions {
  readonly files: KernelFiles
  /** Monotonic. */
  readonly nowMs: () => number
  /** The links as they were last read. */
  readonly links: () => ReadonlyMap<string, Link>
  /** Called when a device's state has changed: its link is to be read again. */
  readonly onChange: (device: string) => void
}

/** How long all but the state and its count of changes are believed, unless one of these two moves. */
const believedMs = 300_000

/** On a host with more devices than this, mostly of containers, all are read once a minute. */
const maxDevicesEachTime = 32
const seldomMs = 60_000

/** Reads /sys/class/net. State and changes are read each time, everything else when they moved or are old. */
export function createNetclassReader(options: NetclassOptions): () => readonly SampleTable[] {
  const { files, nowMs } = options
  const labels = createLabelCache()
  let known = new Map<string, Known>()
  let tables: readonly SampleTable[] = []
  let readAtMs = -Infinity

  const look = (device: string, before: Known | undefined): Known | undefined => {
    const at = `sys/class/net/${device}`
    const operstate = files.value(`${at}/operstate`)
    const changes = files.value(`${at}/carrier_changes`)
    // Something that is no device, such as the file bonding_masters.
    if (operstate === undefined) return undefined
    const moved = before?.operstate !== operstate || before.changes !== changes
    if (moved && (before !== undefined || !options.links().has(device))) options.onChange(device)
    if (!moved && nowMs() - before.readAtMs < believedMs) return before
    return {
      operstate,
      changes,
      values: attributes.map(([file]) => numberOf(files.value(`${at}/${file}`))),
      address: files.value(`${at}/address`) ?? '',
      broadcast: files.value(`${at}/broadcast`) ?? '',
      ifalias: files.value(`${at}/ifalias`) ?? '',
      readAtMs: nowMs(),
    }
  }

  return () => {
    if (known.size > maxDevicesEachTime && nowMs() - readAtMs < seldomMs) return tables
    readAtMs = nowMs()
    const rows: SampleRow[] = []
    const infos: SampleRow[] = []
    const next = new Map<string, Known>()
    const links = options.links()
    for (const device of files.list('sys/class/net')) {
      const one = look(device, known.get(device))
      if (one === undefined) continue
      next.set(device, one)
      const { operstate = '' } = one
      const link = links.get(device)
      const state = [operstate === 'up' ? 1 : 0, numberOf(one.changes), link?.carrier, link?.speedBytes]
      rows.push({ labels: labels.of(device), values: [...state, ...one.values] })
      const info = [one.address, one.broadcast, device, link?.duplex ?? '', one.ifalias, operstate]
      infos.push({ labels: labels.of(...info), values: [1] })
    }
    labels.turn()
    known = next
    tables = [
      { metrics, labelNames, rows },
      { metrics: infoMetrics, labelNames: infoLabelNames, rows: infos },
    ]
    return tables
  }
}

/** Reads speed, duplex and carrier of all devices. A speed of -1, which stands for unknown, is none. */
export async function readLinks(files: KernelFiles, slow: SlowFiles): Promise<ReadonlyMap<string, Link>> {
  const links = new Map<string, Link>()
  for (const device of files.list('sys/class/net')) {
    const at = `sys/class/net/${device}`
    const megabits = numberOf(await slow.value(`${at}/speed`))
    links.set(device, {
      carrier: numberOf(await slow.value(`${at}/carrier`)),
      speedBytes: megabits === undefined || megabits < 0 ? undefined : megabits * bytesPerMegabit,
      duplex: (await slow.value(`${at}/duplex`)) ?? '',
    })
  }
  return links
}
