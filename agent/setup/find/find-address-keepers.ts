import type { FoundNeighbour } from './found.ts'
import { argumentOf, pathOf, readIfAllowed } from './running-process.ts'
import type { RunningProcess } from './running-process.ts'

const keepalivedFile = '/etc/keepalived/keepalived.conf'
const vipManagerFile = '/etc/default/vip-manager.yml'

/** keepalived and vip-manager, with the addresses that they move. */
export function findAddressKeepers(processes: readonly RunningProcess[]): readonly FoundNeighbour[] {
  const found: FoundNeighbour[] = []
  const names = new Map(processes.map(({ pid, name }) => [pid, name]))
  for (const running of processes) {
    if (running.isContained || names.get(running.parent) === running.name) continue
    if (running.name === 'keepalived') {
      const file = pathOf(running, argumentOf(running.argv, '-f', '--use-file') ?? keepalivedFile)
      const addresses = virtualAddresses(readIfAllowed(file) ?? '')
      found.push({
        what: `keepalived (${file})`,
        entry: { kind: 'keepalived', ...(addresses.length === 0 ? {} : { addresses }) },
        lacks: undefined,
      })
    }
    if (running.name === 'vip-manager') {
      const file = pathOf(running, argumentOf(running.argv, '--config') ?? vipManagerFile)
      const text = readIfAllowed(file) ?? ''
      const address =
        argumentOf(running.argv, '--ip') ?? /^\s*(?:ip|vip-ip)\s*:\s*["']?([\d.:a-fA-F]+)/m.exec(text)?.[1]
      found.push({
        what: `vip-manager (${file})`,
        entry: { kind: 'vip', addresses: address === undefined ? [] : [address] },
        lacks: address === undefined ? 'its address is not in its file: name it in addresses' : undefined,
      })
    }
  }
  return found
}

/** keepalived.conf(5): each line of a virtual_ipaddress block begins with an address. */
function virtualAddresses(text: string): readonly string[] {
  const blocks = text.matchAll(/virtual_ipaddress\s*\{([^}]*)\}/g)
  const addresses = [...blocks].flatMap(([, block = '']) =>
    block
      .split('\n')
      .map((line) => /^\s*(\d+(?:\.\d+){3}|[\d.a-fA-F]*:[\d.a-fA-F:]+)(?=[/\s]|$)/.exec(line)?.[1]),
  )
  return [...new Set(addresses.filter((one) => one !== undefined))]
}
