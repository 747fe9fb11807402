import { fault } from '../fault.ts'
import type { Fault } from '../fault.ts'
import type { HaCluster } from './cluster.ts'
import type { Member } from './member.ts'
import { callPatroni } from './patroni-api.ts'
import { isStopped, signalProcess } from '../process-table.ts'
import { waitFor } from '../wait.ts'

/** kill -9 of the server's first process; the others end by themselves. Patroni mends it. */
export function killPostgres(member: Member): Fault {
  const pid = member.postmasterPid()
  if (pid === undefined) throw new Error(`PostgreSQL of ${member.name} is not running`)
  signalProcess(pid, 'SIGKILL')
  return fault(() => undefined)
}

/** kill -9 of Patroni alone, with nobody who starts it again: PostgreSQL goes on as it was. */
export async function killPatroni(member: Member): Promise<Fault> {
  await member.patroni.stop('SIGKILL')
  return fault(() => member.patroni.start())
}

/** Stops Patroni where it stands: it holds its connections and answers nobody. */
export function stopPatroni(member: Member): Promise<Fault> {
  return suspend(
    `Patroni of ${member.name}`,
    () => [member.patroni.pid],
    () => member.patroni.signal('SIGCONT'),
  )
}

/** Stops PostgreSQL where it stands, first process and backends: it accepts connections and answers nobody. */
export function hangPostgres(member: Member): Promise<Fault> {
  return suspend(`PostgreSQL of ${member.name}`, () => member.postgresProcesses().map(({ pid }) => pid))
}

/** Stops the process of a standby that takes the log from its primary: it stays where it is, and its connection open. */
export function holdReceiver(member: Member): Promise<Fault> {
  return suspend(`the receiver of ${member.name}`, () => walProcesses(member, 'walreceiver'))
}

/** Stops the processes of a primary that send the log: what it writes then, no standby has. */
export function holdSenders(member: Member): Promise<Fault> {
  return suspend(`the senders of ${member.name}`, () => walProcesses(member, 'walsender'))
}

/** A standby receives and does not replay; one that is promoted goes on by itself. */
export async function holdReplay(member: Member): Promise<Fault> {
  await member.queryInside('select pg_wal_replay_pause()')
  await waitFor('the replay to stand still', async () => {
    return (await member.queryInside('select pg_get_wal_replay_pause_state()')) === 'paused'
  })
  return fault(async () => {
    await member.queryInside('select case when pg_is_in_recovery() then pg_wal_replay_resume() end')
  })
}

function walProcesses(member: Member, kind: 'walreceiver' | 'walsender'): readonly number[] {
  return member
    .postgresProcesses()
    .filter(({ command }) => command[0]?.includes(kind) === true)
    .map(({ pid }) => pid)
}

/** Stops every process of the host, as when a virtual machine is paused; its kernel still takes packets. */
export function freezeHost(member: Member): Promise<Fault> {
  return suspend(
    member.name,
    () => member.host.processes().map(({ pid }) => pid),
    () => {
      for (const service of [member.etcd, member.patroni, member.pooler]) service.signal('SIGCONT')
    },
  )
}

async function suspend(what: string, pids: () => readonly number[], afterwards?: () => void): Promise<Fault> {
  // A process may still start another while the first ones are being stopped.
  await waitFor(`${what} to stop`, () => {
    const running = pids().filter((pid) => !isStopped(pid))
    for (const pid of running) signalProcess(pid, 'SIGSTOP')
    return running.length === 0
  })
  return fault(() => {
    for (const pid of pids()) signalProcess(pid, 'SIGCONT')
    afterwards?.()
  })
}

/** Pulls the host's cable. Packets are lost in both directions; loopback and sockets of its own go on. */
export async function cut(member: Member): Promise<Fault> {
  await member.link.setPlugged(false)
  return fault(() => member.link.setPlugged(true))
}

/** Loses the packets between two hosts; all others still reach both. */
export async function cutBetween(one: Member, other: Member): Promise<Fault> {
  const directions = [
    { from: one, to: other },
    { from: other, to: one },
  ]
  // Packets for an address that nobody has are lost on the bridge, without a word to the sender.
  for (const { from, to } of directions) {
    const nowhere = ['lladdr', '02:00:00:00:00:01', 'dev', 'eth0', 'nud', 'permanent']
    await from.host.mustRun('ip', ['neigh', 'replace', to.address, ...nowhere])
  }
  return fault(async () => {
    for (const { from, to } of directions) {
      await from.host.mustRun('ip', ['neigh', 'del', to.address, 'dev', 'eth0'])
    }
  })
}

/** Fills the file system of the data directory to the last byte. */
export async function fillDisk(member: Member): Promise<Fault> {
  const file = `${member.dataDirectory}/ballast`
  // dd ends with an error when there is no more space, which is what we want.
  await member.host.run('dd', ['if=/dev/zero', `of=${file}`, 'bs=64k'])
  return fault(async () => {
    await member.host.mustRun('rm', ['-f', file])
  })
}

/** Stops two of three etcds where they stand, those of other members than `spared` first. */
export async function loseQuorum(cluster: HaCluster, spared?: Member): Promise<Fault> {
  const victims = [...cluster.members].sort((a, b) => Number(a === spared) - Number(b === spared)).slice(0, 2)
  const faults = await Promise.all(
    victims.map((member) =>
      suspend(
        `etcd of ${member.name}`,
        () => [member.etcd.pid],
        () => member.etcd.signal('SIGCONT'),
      ),
    ),
  )
  return fault(async () => {
    await Promise.all(faults.map((one) => one.heal()))
  })
}

/**
 * A planned change of the primary by Patroni's REST API.
 * @param to chosen by Patroni unless told
 * @throws Error with Patroni's words when it refuses
 */
export async function switchover(cluster: HaCluster, to?: Member): Promise<Member> {
  const leader = await cluster.waitForPrimary()
  const body = { leader: leader.name, ...(to === undefined ? {} : { candidate: to.name }) }
  const answer = await callPatroni(`${leader.patroniUrl}/switchover`, 'POST', body)
  if (answer.status !== 200) throw new Error(`switchover: status ${answer.status}: ${answer.text}`)
  return cluster.waitForPrimary({ other: leader })
}

export interface SplitBrain extends Fault {
  /** It has no Patroni any more, and takes writes that nobody else has. */
  readonly orphan: Member
  readonly primary: Member
}

/**
 * Two servers that both take writes, on different timelines of one system: the primary's Patroni is killed, another
 * member is promoted, and then each commits a row of its own. Healing it starts the orphan's Patroni, which rewinds it.
 */
export async function forceSplitBrain(cluster: HaCluster): Promise<SplitBrain> {
  const orphan = await cluster.waitForPrimary()
  const killed = await killPatroni(orphan)
  const primary = await cluster.waitForPrimary({ other: orphan })
  // Without it the orphan's commits wait for standbys that it no longer has.
  await orphan.queryInside(`alter system set synchronous_standby_names = ''`)
  await orphan.queryInside('select pg_reload_conf()')
  for (const member of [orphan, primary]) {
    await member.queryInside(`create table if not exists app.split_brain_${member.name} (at timestamptz)`)
    await member.queryInside(`insert into app.split_brain_${member.name} values (clock_timestamp())`)
  }
  const made = fault(async () => {
    await orphan.queryInside('alter system reset synchronous_standby_names')
    await killed.heal()
  })
  return Object.assign(made, { orphan, primary })
}
