import { networkInterfaces } from 'node:os'
import { messageOf } from '../../common/errors.ts'
import type { Log } from '../../common/log.ts'
import type { SampleTable } from '../../common/series/sample-table.ts'
import { createFailureLog } from './failure-log.ts'
import type { LabelsFor } from './known-endpoint.ts'
import type { Neighbour } from './neighbour.ts'

/** As what virtual addresses are known: the job, and the port of the exporter for keepalived. */
export const vipEndpoint = { job: 'node', port: 9650 }

/** Addresses of this host, without their prefix length. */
export type ReadAddresses = () => Iterable<string>

/** Addresses of all interfaces that are up. */
export const ownAddresses: ReadAddresses = () =>
  Object.values(networkInterfaces()).flatMap((addresses) => addresses?.map(({ address }) => address) ?? [])

/** Whether this host has each of the virtual addresses, whoever gave it: keepalived, vip-manager, a person. */
export function vipTable(vips: Iterable<string>, read: ReadAddresses = ownAddresses): SampleTable {
  const own = new Set([...read()].map(canonical))
  const wanted = new Set([...vips].map(canonical))
  return {
    metrics: ['pgherd_vip_owned'],
    labelNames: ['vip'],
    rows: [...wanted].map((vip) => ({ labels: [vip], values: [own.has(vip) ? 1 : 0] })),
  }
}

/**
 * Like `vipTable`; undefined where the kernel may not be asked for its addresses, which is told once. A service under
 * systemd's RestrictAddressFamilies without AF_NETLINK may not.
 */
export function createVipReader(
  log: Log,
  read: ReadAddresses = ownAddresses,
): (vips: Iterable<string>) => SampleTable | undefined {
  const tellFailure = createFailureLog(log, {
    bad: 'whether this host has the virtual addresses cannot be told',
    good: 'the addresses of this host are known again',
  })
  return (vips) => {
    try {
      const table = vipTable(vips, read)
      tellFailure(undefined)
      return table
    } catch (error) {
      tellFailure(messageOf(error))
      return undefined
    }
  }
}

/**
 * Virtual addresses by themselves, for hosts without keepalived (vip-manager has nothing to ask). With
 * keepalived give them to its source instead: both have the same labels.
 */
export function createVipSource(options: {
  readonly labelsFor: LabelsFor
  readonly vips: readonly string[]
  readonly readAddresses?: ReadAddresses
  readonly log: Log
}): Neighbour {
  const labels = options.labelsFor(vipEndpoint.job, vipEndpoint.port)
  const log = options.log.child({ job: labels['job'], instance: labels['instance'] })
  const readVips = createVipReader(log, options.readAddresses)
  return {
    labels,
    measure: () => {
      const table = readVips(options.vips)
      return Promise.resolve({ up: table !== undefined, tables: table === undefined ? [] : [table] })
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
}

/** Without prefix length and zone; IPv6 in its shortest form. */
function canonical(address: string): string {
  const bare = address.replace(/[/%].*$/, '').toLowerCase()
  const url = `http://[${bare}]`
  return bare.includes(':') && URL.canParse(url) ? new URL(url).hostname.slice(1, -1) : bare
}
