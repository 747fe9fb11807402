import { randomBytes } from 'node:crypto'
import { chmodSync, chownSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createOwnDirectory } from '../own-directory.ts'
import { unprivilegedOwner } from '../unprivileged.ts'
import { waitFor } from '../wait.ts'
import { allSettled } from './all-settled.ts'
import { patroniCheck, startBalancer } from './balancer.ts'
import type { Balancer, HealthCheck } from './balancer.ts'
import { createClusterView, letsWrite } from './cluster-view.ts'
import type { ClusterView } from './cluster-view.ts'
import { credentials } from './credentials.ts'
import { isEtcdHealthy, putEtcdKey } from './etcd.ts'
import { startHost } from './host.ts'
import type { Host } from './host.ts'
import { prepareMember } from './member.ts'
import type { Member, MemberFiles } from './member.ts'
import { createNetwork } from './network.ts'
import { dynamicConfig, fastTimes } from './patroni-config.ts'
import type { PatroniTimes } from './patroni-config.ts'
import { findHaPrograms } from './prerequisites.ts'
import { findHaTemplate } from './template.ts'

export interface HaClusterOptions {
  /** `fastTimes` unless told. */
  readonly times?: PatroniTimes
  /** On unless told. */
  readonly synchronousMode?: boolean | 'strict'
  /** Off unless told: Patroni starts a dead postmaster again in place. */
  readonly failoverOnCrash?: boolean
  /** PostgreSQL's, over those of the test bed. */
  readonly parameters?: Readonly<Record<string, string | number>>
  /** What HAProxy asks; Patroni unless told. Without Patroni, clients need not get through when the cluster is up. */
  readonly check?: HealthCheck
  /** Where HAProxy leads; `pooler` unless told. */
  readonly route?: 'pooler' | 'postgres'
  /** Done when everything but Patroni and PostgreSQL runs: for members' own settings. */
  readonly beforePatroni?: (members: readonly MemberFiles[]) => void | Promise<void>
  /** Size of each member's file system for data; 512 unless told. */
  readonly dataMegabytes?: number
  /** A folder of that file system, in place of its root, which cannot be renamed. */
  readonly dataFolder?: string
  /** Patroni's name of the cluster; `ha-` and a random word unless told. */
  readonly scope?: string
}

export interface HaCluster extends ClusterView, AsyncDisposable {
  readonly scope: string
  /** Of logs and configuration, removed at the end. */
  readonly directory: string
  readonly members: readonly Member[]
  readonly haproxy: Balancer
  readonly credentials: typeof credentials
  /** Where programs inside members reach those of our own namespace: a collector. */
  readonly rootAddress: string
  /** How long it took to come up. */
  readonly startMs: number
  /** The last lines of every log: what a failure needs to be understood. */
  explain(): string
}

/**
 * Starts three members with etcd, Patroni, PostgreSQL 15 and pgBouncer, each a host of its own, and HAProxy on a fourth;
 * resolves when two stream from the third and clients get through HAProxy to it. Everything is gone after its disposal,
 * after a failure, and after our own end.
 * @throws Error when this machine cannot run it, with the reasons
 */
export async function startHaCluster(options: HaClusterOptions = {}): Promise<HaCluster> {
  const programs = await findHaPrograms()
  const template = await findHaTemplate(programs.postgresBin)
  const owner = unprivilegedOwner()
  const startedAt = performance.now()
  const { synchronousMode = true, check = patroniCheck } = options
  const scope = options.scope ?? `ha-${randomBytes(4).toString('hex')}`
  await using stack = new AsyncDisposableStack()
  const { path: directory } = stack.use(createOwnDirectory({ prefix: 'pgherd-ha-' }))
  // The servers' user has to reach its files below.
  chmodSync(directory, 0o755)
  const directoryOf = (name: string): string => join(directory, name)
  const addHost = async (name: string): Promise<Host> => {
    mkdirSync(directoryOf(name))
    if (owner !== undefined) chownSync(directoryOf(name), owner.uid, owner.gid)
    return stack.use(await startHost({ name, directory: directoryOf(name), programs }))
  }
  const [hub, ...hosts] = await allSettled([addHost('hub'), ...['m1', 'm2', 'm3'].map(addHost)])
  const network = stack.use(await createNetwork({ hub: hub!, programs }))
  const linked: { host: Host; link: Awaited<ReturnType<typeof network.connect>> }[] = []
  for (const host of hosts) linked.push({ host, link: await network.connect(host, linked.length + 1) })
  const peers = new Map(linked.map(({ host, link }) => [host.name, link.address]))

  const prepared = await allSettled(
    linked.map(({ host, link }) =>
      prepareMember({
        scope,
        host,
        link,
        directory: directoryOf(host.name),
        programs,
        peers,
        dataMegabytes: options.dataMegabytes ?? 512,
        dataFolder: options.dataFolder,
      }),
    ),
  )
  const etcds = await allSettled(prepared.map((one) => one.startEtcd()))
  const first = linked[0]!.link.address
  await waitFor('a quorum of etcd', () => isEtcdHealthy(first), {
    timeoutMs: 30_000,
    explain: () => etcds.map((etcd) => etcd.logTail(5)).join('\n'),
  })
  const dynamic = dynamicConfig({
    times: options.times ?? fastTimes,
    synchronousMode,
    failoverOnCrash: options.failoverOnCrash ?? false,
    parameters: options.parameters ?? {},
  })
  await putEtcdKey(first, `/service/${scope}/config`, JSON.stringify(dynamic))
  await options.beforePatroni?.(prepared.map(({ files }) => files))
  const members = await allSettled(prepared.map((one, index) => one.start(etcds[index]!, template)))
  const haproxy = await startBalancer({
    host: hub!,
    address: network.switchAddress,
    directory: directoryOf('hub'),
    command: programs.haproxy,
    members: peers,
    check,
    route: options.route ?? 'pooler',
  })
  const explain = (): string =>
    [...members.flatMap((member) => [member.etcd, member.patroni, member.pooler]), haproxy.service]
      .map((service) => `--- ${service.name}\n${service.logTail(5)}`)
      .join('\n')
  const view = createClusterView({ members, isSynchronous: synchronousMode !== false, explain })
  await view.waitUntilHealthy()
  if (check === patroniCheck)
    await waitFor('clients to get through HAProxy', () => letsWrite(haproxy), { explain })
  const disposal = stack.move()
  return {
    ...view,
    scope,
    directory,
    members,
    haproxy,
    credentials,
    rootAddress: network.rootAddress,
    startMs: performance.now() - startedAt,
    explain,
    [Symbol.asyncDispose]: () => disposal.disposeAsync(),
  }
}
