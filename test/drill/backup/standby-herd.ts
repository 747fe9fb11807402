import { chownSync, globSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { selfSigned } from '../../../testbed/backup/s3/certificate.ts'
import type { Member } from '../../../testbed/ha/member.ts'
import { createOwnDirectory } from '../../../testbed/own-directory.ts'
import { signalProcess } from '../../../testbed/process-table.ts'
import { unprivilegedOwner } from '../../../testbed/unprivileged.ts'
import { waitFor } from '../../../testbed/wait.ts'
import { dailyAt, slowly } from './backup-herd.ts'
import { pgbackrest, startPatroniHerd } from './patroni-herd.ts'
import type { PatroniHerd } from './patroni-herd.ts'

/** Three hosts that back up from a standby, each with `pgbackrest server` for the others; a full backup is due at once. */
export interface StandbyHerd extends PatroniHerd {
  /** What `agentctl backup WORD` prints for the cluster. */
  told(word: 'list' | 'history'): Promise<string>
  /** Labels of the backups that came to their end. */
  wholeBackups(): readonly string[]
  /** Until a backup runs that has sent files. @returns the member that makes it */
  untilBackup(): Promise<Member>
  /** As if its power was cut, but for what its kernel still tells others; its etcd is spared, which is a cluster of its own. */
  killHost(member: Member): void
}

const port = 8432

/** @param policy over that of the herd */
export async function startStandbyHerd(
  scope: string,
  policy: Readonly<Record<string, unknown>> = {},
): Promise<StandbyHerd> {
  await using stack = new AsyncDisposableStack()
  const owner = unprivilegedOwner()
  const { path } = stack.use(createOwnDirectory({ prefix: 'pgherd-standby-herd-' }, owner))
  const secret = (name: string, text: string): string => {
    const file = join(path, name)
    writeFileSync(file, text, { mode: 0o600 })
    if (owner !== undefined) chownSync(file, owner.uid, owner.gid)
    return file
  }
  // Opens for all at once, when all agents run: who comes later to one that is open already does not wait for its turn.
  const minuteMs = 60_000
  const slotMs = Math.ceil((Date.now() + minuteMs) / minuteMs) * minuteMs
  const [certificateFile, keyFile] = [join(path, 'certificate.pem'), join(path, 'key.pem')]
  const herd = stack.use(
    await startPatroniHerd({
      scope,
      async prepare(cluster) {
        // pgBackRest looks for an address among the DNS names alone.
        const names = cluster.members.map(({ address }) => ({ type: 'dns', value: address }) as const)
        const { key, certificate } = await selfSigned(names)
        secret('certificate.pem', certificate)
        secret('key.pem', key)
        const leader = await cluster.waitForPrimary()
        await leader.query(
          'create table filler as select md5(n::text) || md5((n + 1)::text) as text from generate_series(1, 150000) n',
        )
      },
      policyOf: ({ members }) => ({
        ...slowly,
        where: 'standby',
        schedules: { full: dailyAt(new Date(slotMs)) },
        retry: { attempts: 3, first: '1s', longest: '2s' },
        io_timeout: '2s',
        members: members.map(({ address, dataDirectory, socketDirectory }) => ({
          address,
          data_directory: dataDirectory,
          socket_directory: socketDirectory,
        })),
        primary_access: {
          kind: 'tls',
          cert_file: certificateFile,
          key_file: keyFile,
          ca_file: certificateFile,
          port,
          allowed_names: ['testbed'],
        },
        ...policy,
      }),
    }),
  )
  for (const member of herd.cluster.members) {
    await waitFor(
      'its configuration is written',
      async () => (await member.host.run('test', ['-s', herd.configFile])).status === 0,
      { timeoutMs: 60_000, explain: herd.explain },
    )
    await member.spawn({
      name: `pgbackrest server of ${member.name}`,
      command: pgbackrest,
      args: [`--config=${herd.configFile}`, 'server'],
      logFile: join(member.directory, 'pgbackrest-server.log'),
      owner,
    })
  }
  const kept = stack.move()
  return {
    ...herd,
    told: async (word) => (await herd.fleet.operator.agentctl('backup', word, scope)).stdout,
    wholeBackups: () =>
      globSync(join(herd.repository, `backup/${scope}/*F/backup.manifest`)).map((file) =>
        basename(dirname(file)),
      ),
    async untilBackup() {
      const run = await herd.untilRun('a backup runs', ({ outcome }) => outcome === 'running', 180_000)
      await waitFor(
        'it sends files',
        () => globSync(join(herd.repository, `backup/${scope}/*F/pg_data/base/**`)).length > 0,
        { timeoutMs: 60_000, explain: herd.explain },
      )
      return herd.cluster.members.find((member) => herd.nodeOf(member) === run.node)!
    },
    killHost(member) {
      const etcd = member.etcd.pid
      for (const { pid } of member.host.processes()) if (pid !== etcd) signalProcess(pid, 'SIGKILL')
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}
