import { networkInterfaces } from 'node:os'
import type { SampleTable } from '../../common/series/sample-table.ts'
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
 * Virtual addresses by themselves, for hosts without keepalived (vip-manager has nothing to ask). With
 * keepalived give them to its source instead: both have the same labels.
 */
export function createVipSource(options: {
  readonly labelsFor: LabelsFor
  readonly vips: readonly string[]
  readonly readAddresses?: ReadAddresses
}): Neighbour {
  return {
    labels: options.labelsFor(vipEndpoint.job, vipEndpoint.port),
    measure: () => Promise.resolve({ up: true, tables: [vipTable(options.vips, options.readAddresses)] }),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
}

/** Without prefix length and zone; IPv6 in its shortest form. */
function canonical(address: string): string {
  const bare = address.replace(/[/%].*$/, '').toLowerCase()
  const url = `http://[${bare}]`
  return bare.includes(':') && URL.canParse(url) ? new URL(url).hostname.slice(1, -1) : bare
}
