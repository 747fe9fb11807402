import { BlockList, isIP } from 'node:net'

/** By the list of a policy, which stays the same from look to look. */
const made = new WeakMap<readonly string[], BlockList>()

/** Addresses and networks to look an address up in. */
export function networks(clients: readonly string[]): BlockList {
  const known = made.get(clients)
  if (known !== undefined) return known
  const list = new BlockList()
  for (const one of clients) {
    if (one === 'socket') continue
    const [address = '', prefix] = one.split('/')
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
    if (prefix === undefined) list.addAddress(address, family)
    else list.addSubnet(address, Number(prefix), family)
  }
  made.set(clients, list)
  return list
}
