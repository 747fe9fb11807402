import { randomInt } from 'node:crypto'
import { networkInterfaces } from 'node:os'

/**
 * The first three bytes of a /24 that no interface of this machine has, out of 198.18.0.0/15, which is set aside for
 * tests of networks (RFC 2544): `198.18.77`.
 */
export function freeSubnet(): string {
  const taken = new Set(addressPrefixes())
  for (;;) {
    const subnet = `198.${18 + randomInt(2)}.${randomInt(256)}`
    if (!taken.has(subnet)) return subnet
  }
}

/** Whether more than one interface of this machine has an address in the subnet: somebody chose it as well. */
export function isContested(subnet: string): boolean {
  return addressPrefixes().filter((prefix) => prefix === subnet).length > 1
}

function addressPrefixes(): readonly string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .map(({ address }) => address.split('.').slice(0, 3).join('.'))
}
