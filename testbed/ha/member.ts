import { chownSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { withClient } from '../postgres-client.ts'
import { writeOwned } from '../postgres-settings.ts'
import type { Child, ChildOptions } from '../process.ts'
import { unprivilegedOwner } from '../unprivileged.ts'
import { credentials } from './credentials.ts'
import { etcdCommand } from './etcd.ts'
import type { Host } from './host.ts'
import type { NamespaceProcess } from './namespace-processes.ts'
import type { HostLink } from './network.ts'
import { memberConfig } from './patroni-config.ts'
import { poolerCommand, poolerPort } from './pooler.ts'
import type { HaPrograms } from './prerequisites.ts'
import { startService } from './service.ts'
import type { Service } from './service.ts'

/** One host of the cluster. */
export interface Member {
  readonly name: string
  readonly address: string
  readonly host: Host
  readonly link: HostLink
  /** Logs and files of configuration, the same path inside and outside. */
  readonly directory: string
  /** A small file system of its own that exists inside only; from outside below `/proc/INIT/root`. */
  readonly dataDirectory: string
  readonly socketDirectory: string
  readonly patroniFile: string
  readonly postgresPort: number
  readonly poolerPort: number
  readonly patroniUrl: string
  readonly etcd: Service
  readonly patroni: Service
  readonly pooler: Service
  /** Starts a program inside. */
  spawn(options: ChildOptions): Promise<Child>
  /** The running server's first process; undefined while there is none. */
  postmasterPid(): number | undefined
  /** The server's processes, its first one at the head. */
  postgresProcesses(): readonly NamespaceProcess[]
  /** A query as superuser over the network. */
  query<Row extends object>(text: string, parameters?: readonly unknown[]): Promise<readonly Row[]>
  /** The same from inside, by the socket, which also works when the network is cut; unaligned text of psql. */
  queryInside(text: string): Promise<string>
}

/** What of a member is known before it runs. */
export type MemberFiles = Pick<Member, 'name' | 'address' | 'directory' | 'dataDirectory' | 'patroniFile'>

export interface PreparedMember {
  readonly files: MemberFiles
  readonly startEtcd: () => Promise<Service>
  /** Copies the data directory and starts what is left; `etcd` runs. */
  readonly start: (etcd: Service, template: string) => Promise<Member>
}

/** Lays out a member's directory; nothing runs yet. */
export async function prepareMember(options: {
  readonly scope: string
  readonly host: Host
  readonly link: HostLink
  readonly directory: string
  readonly programs: HaPrograms
  /** Address by name, of all members. */
  readonly peers: ReadonlyMap<string, string>
  readonly dataMegabytes: number
  readonly dataFolder: string | undefined
}): Promise<PreparedMember> {
  const { host, directory, programs, peers, link } = options
  const { name } = host
  const owner = unprivilegedOwner()
  const own = (path: string): string => {
    mkdirSync(path, { recursive: true, mode: 0o755 })
    if (owner !== undefined) chownSync(path, owner.uid, owner.gid)
    return path
  }
  const dataMount = own(join(directory, 'data'))
  const dataDirectory = join(dataMount, options.dataFolder ?? '')
  const etcdDirectory = own(join(directory, 'etcd'))
  const patroniFile = join(directory, 'patroni.yml')
  const mount = async (path: string, megabytes: number): Promise<void> => {
    const user = owner === undefined ? '' : `,uid=${owner.uid},gid=${owner.gid}`
    await host.mustRun('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=700${user}`, 'data', path])
  }
  await Promise.all([mount(dataMount, options.dataMegabytes), mount(etcdDirectory, 512)])
  writeOwned(
    patroniFile,
    stringify(
      memberConfig({
        scope: options.scope,
        name,
        address: link.address,
        peers,
        dataDirectory,
        directory,
        postgresBin: programs.postgresBin,
      }),
    ),
  )
  return {
    files: { name, address: link.address, directory, dataDirectory, patroniFile },
    startEtcd: () =>
      startService(
        host,
        etcdCommand({ command: programs.etcd, name, directory, dataDirectory: etcdDirectory, peers }),
      ),
    async start(etcd, template) {
      await host.mustRun('cp', ['-a', `${template}/.`, dataDirectory])
      const [patroni, pooler] = await Promise.all([
        startService(host, {
          name: `Patroni of ${name}`,
          command: programs.patroni,
          args: [patroniFile],
          logFile: join(directory, 'patroni.log'),
          owner,
        }),
        startService(host, poolerCommand({ command: programs.pgbouncer, name, directory })),
      ])
      return createMember({ host, link, directory, dataDirectory, patroniFile, etcd, patroni, pooler })
    },
  }
}

function createMember(
  parts: Pick<
    Member,
    'host' | 'link' | 'directory' | 'dataDirectory' | 'patroniFile' | 'etcd' | 'patroni' | 'pooler'
  >,
): Member {
  const { host, link, directory } = parts
  const { superuser } = credentials
  const member: Member = {
    ...parts,
    name: host.name,
    address: link.address,
    socketDirectory: directory,
    postgresPort: 5432,
    poolerPort,
    patroniUrl: `http://${link.address}:8008`,
    spawn: (options) => host.spawn(options),
    postmasterPid: () => member.postgresProcesses()[0]?.pid,
    postgresProcesses() {
      const servers = host.processes().filter((process) => process.name === 'postgres')
      const pids = new Set(servers.map((process) => process.pid))
      const head = servers.find((process) => !pids.has(process.parent))
      return head === undefined ? [] : [head, ...servers.filter((process) => process.parent === head.pid)]
    },
    query: (text, parameters = []) =>
      withClient(
        { host: link.address, port: 5432, ...superuser },
        async (client) => (await client.query(text, [...parameters])).rows as never,
      ),
    async queryInside(text) {
      const args = ['-XAtq', '-v', 'ON_ERROR_STOP=1', '-h', directory, '-U', superuser.user, '-d', 'postgres']
      return (await host.mustRun('psql', [...args, '-c', text])).trim()
    },
  }
  return member
}
