import { BlockList, isIPv6 } from 'node:net'
import { networkOf, withoutMapping } from './network-of.ts'

/** Why a connection was not taken: there are too many, or too many from where it comes. */
export type ConnectionRefusal = 'all' | 'address'

/** Of all connections the share that one address may have. */
const shareOfAddress = 4

/** What is asked of a socket. */
export interface Connection {
  readonly remoteAddress?: string | undefined
  once(event: 'close', listener: () => void): unknown
}

export interface ConnectionPlacesOptions {
  readonly maxConnections: number
  /** Addresses and networks from which many may come, beside this machine. */
  readonly proxies: readonly string[]
  readonly onRefused: (reason: ConnectionRefusal) => void
}

/**
 * Counts connections, of all addresses together and of each: somebody who opens what can be opened does not keep
 * everybody else out.
 * @returns takes a place until the connection closes; false where there is none
 */
export function createConnectionPlaces({
  maxConnections,
  proxies,
  onRefused,
}: ConnectionPlacesOptions): (socket: Connection) => boolean {
  const free = freeAddresses(proxies)
  const maxOfAddress = Math.max(1, Math.floor(maxConnections / shareOfAddress))
  const byNetwork = new Map<string, number>()
  let open = 0
  return (socket) => {
    if (open >= maxConnections) {
      onRefused('all')
      return false
    }
    // A Unix socket has no address.
    const { remoteAddress: address } = socket
    const network = address === undefined || free(address) ? undefined : networkOf(address)
    const before = network === undefined ? 0 : (byNetwork.get(network) ?? 0)
    if (before >= maxOfAddress) {
      onRefused('address')
      return false
    }
    open++
    if (network !== undefined) byNetwork.set(network, before + 1)
    socket.once('close', () => {
      open--
      if (network === undefined) return
      const left = (byNetwork.get(network) ?? 1) - 1
      if (left === 0) byNetwork.delete(network)
      else byNetwork.set(network, left)
    })
    return true
  }
}

function freeAddresses(proxies: readonly string[]): (address: string) => boolean {
  const list = new BlockList()
  for (const network of ['127.0.0.0/8', '::1', ...proxies]) {
    const [address = '', bits] = network.split('/')
    const family = isIPv6(address) ? 'ipv6' : 'ipv4'
    if (bits === undefined) list.addAddress(address, family)
    else list.addSubnet(address, Number(bits), family)
  }
  return (address) => {
    const plain = withoutMapping(address)
    return list.check(plain, isIPv6(plain) ? 'ipv6' : 'ipv4')
  }
}
