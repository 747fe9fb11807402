import { join } from 'node:path'
import type { ChildOptions } from '../process.ts'
import { unprivilegedOwner } from '../unprivileged.ts'

/**
 * How etcd is started. Version 2 of its API is on, because Patroni before 3.0.3 takes the leader key back after a
 * partition when it speaks version 3.
 * @param peers address by name, of all of them
 */
export function etcdCommand(options: {
  readonly command: string
  readonly name: string
  readonly directory: string
  readonly dataDirectory: string
  readonly peers: ReadonlyMap<string, string>
}): ChildOptions {
  const { name, peers } = options
  const address = peers.get(name) ?? ''
  return {
    name: `etcd of ${name}`,
    command: options.command,
    args: [
      ...['--name', name],
      ...['--data-dir', options.dataDirectory],
      ...['--listen-client-urls', `http://${address}:2379,http://127.0.0.1:2379`],
      ...['--advertise-client-urls', `http://${address}:2379`],
      ...['--listen-peer-urls', `http://${address}:2380`],
      ...['--initial-advertise-peer-urls', `http://${address}:2380`],
      ...['--initial-cluster', [...peers].map(([peer, its]) => `${peer}=http://${its}:2380`).join(',')],
      ...['--initial-cluster-state', 'new'],
      ...['--heartbeat-interval', '100'],
      ...['--election-timeout', '1000'],
      ...['--enable-v2=true', '--logger', 'zap', '--log-level', 'warn'],
    ],
    logFile: join(options.directory, 'etcd.log'),
    owner: unprivilegedOwner(),
  }
}

/** Whether etcd at this address has a leader and answers. */
export async function isEtcdHealthy(address: string): Promise<boolean> {
  try {
    const answer = await fetch(`http://${address}:2379/health`, { signal: AbortSignal.timeout(500) })
    return (await answer.text()).includes('"true"')
  } catch {
    return false
  }
}

/** Writes one key by version 2 of the API. */
export async function putEtcdKey(address: string, key: string, value: string): Promise<void> {
  const answer = await fetch(`http://${address}:2379/v2/keys${key}`, {
    method: 'PUT',
    body: new URLSearchParams({ value }),
    signal: AbortSignal.timeout(5_000),
  })
  if (!answer.ok) throw new Error(`etcd did not take ${key}: ${answer.status} ${await answer.text()}`)
}
