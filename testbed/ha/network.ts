import { randomBytes } from 'node:crypto'
import { networkInterfaces } from 'node:os'
import { runCommand } from '../run-command.ts'
import { waitFor } from '../wait.ts'
import type { Host } from './host.ts'
import type { HaPrograms } from './prerequisites.ts'
import { freeSubnet, isContested } from './subnet.ts'

export interface Network extends AsyncDisposable {
  /** Ours, at which hosts reach programs of this process's namespace. */
  readonly rootAddress: string
  /** Of the host that is the switch. */
  readonly switchAddress: string
  /**
   * Gives a host its cable to the switch.
   * @param number 1 to 9, the last byte of its address after ten
   */
  connect(host: Host, number: number): Promise<HostLink>
}

export interface HostLink {
  readonly address: string
  /** Pulls or plugs the cable: packets are lost, nobody is told. */
  setPlugged(isPlugged: boolean): Promise<void>
}

/**
 * A bridge inside the host `hub`, with a cable to us. Nothing of it is in our namespace but the end of that cable,
 * which the kernel removes together with the hub.
 */
export async function createNetwork(options: {
  readonly hub: Host
  readonly programs: HaPrograms
}): Promise<Network> {
  const { hub, programs } = options
  const rootLink = `pgh${randomBytes(4).toString('hex')}`
  const ip = async (...args: readonly string[]): Promise<void> => {
    const result = await runCommand(programs.ip, args)
    if (result.status !== 0) throw new Error(`ip ${args.join(' ')}: ${result.stderr.trim()}`)
  }
  const inHub = (...args: readonly string[]): Promise<string> => hub.mustRun(programs.ip, args)
  await inHub('link', 'add', 'br0', 'type', 'bridge')
  await inHub('link', 'set', 'br0', 'up')
  const hubNamespace = String(hub.initPid)
  await ip('link', 'add', rootLink, 'type', 'veth', 'peer', 'name', 'root', 'netns', hubNamespace)
  await inHub('link', 'set', 'root', 'master', 'br0', 'up')
  await ip('link', 'set', rootLink, 'up')
  const subnet = await takeSubnet(ip, rootLink)
  await inHub('addr', 'add', `${subnet}.2/24`, 'dev', 'br0')
  return {
    rootAddress: `${subnet}.1`,
    switchAddress: `${subnet}.2`,
    async connect(host, number) {
      const address = `${subnet}.${10 + number}`
      const port = `m${number}`
      const inHost = (...args: readonly string[]): Promise<string> => host.mustRun(programs.ip, args)
      const ends = [port, 'netns', hubNamespace, 'type', 'veth', 'peer', 'name', 'eth0']
      await ip('link', 'add', 'name', ...ends, 'netns', String(host.initPid))
      await inHub('link', 'set', port, 'master', 'br0', 'up')
      await inHost('addr', 'add', `${address}/24`, 'dev', 'eth0')
      await inHost('link', 'set', 'eth0', 'up')
      return {
        address,
        setPlugged: async (isPlugged) => {
          await inHub('link', 'set', port, isPlugged ? 'up' : 'down')
        },
      }
    },
    async [Symbol.asyncDispose]() {
      await runCommand(programs.ip, ['link', 'del', rootLink])
      await waitFor('the end of our cable', () => networkInterfaces()[rootLink] === undefined)
    },
  }
}

/** Two runs may choose the same subnet at the same time; both see it then, and choose anew. */
async function takeSubnet(ip: (...args: readonly string[]) => Promise<void>, link: string): Promise<string> {
  for (;;) {
    const subnet = freeSubnet()
    await ip('addr', 'add', `${subnet}.1/24`, 'dev', link)
    if (!isContested(subnet)) return subnet
    await ip('addr', 'del', `${subnet}.1/24`, 'dev', link)
  }
}
