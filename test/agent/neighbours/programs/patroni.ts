import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createHttpClient } from '../../../../common/http-client.ts'
import { findProgram } from '../../../../testbed/find-program.ts'
import { guardProcess } from '../../../../testbed/guard.ts'
import { createOwnDirectory } from '../../../../testbed/own-directory.ts'
import { freePorts } from '../../../../testbed/ports.ts'
import { writeOwned } from '../../../../testbed/postgres-settings.ts'
import { isAlive, signalProcess } from '../../../../testbed/process-table.ts'
import { startChild } from '../../../../testbed/process.ts'
import { unprivilegedOwner } from '../../../../testbed/unprivileged.ts'
import { waitFor } from '../../../../testbed/wait.ts'

export interface Patroni extends AsyncDisposable {
  /** Of its REST API. */
  readonly url: string
}

/** Debian's, because Patroni needs more programs than the test bed's packages have. */
export const patroniBinaries = '/usr/lib/postgresql/15/bin'

/** The only member of a cluster, with a server of major 15; resolves when it is the leader. */
export async function startPatroni(etcd: string): Promise<Patroni> {
  const owner = unprivilegedOwner()
  await using stack = new AsyncDisposableStack()
  const directory = stack.use(createOwnDirectory({ prefix: 'pgherd-patroni-' }, owner))
  const data = join(directory.path, 'data')
  const [api, postgres] = await freePorts(2)
  const configFile = join(directory.path, 'patroni.yml')
  writeOwned(
    configFile,
    `scope: pg-main
name: pg-main-1
restapi: { listen: "127.0.0.1:${api!}", connect_address: "127.0.0.1:${api!}" }
etcd: { hosts: ["${etcd}"] }
bootstrap:
  dcs:
    ttl: 20
    loop_wait: 1
    retry_timeout: 3
    postgresql: { parameters: { max_connections: 20, shared_buffers: 16MB } }
  initdb: [{ encoding: UTF8 }, { locale: C }, no-sync]
postgresql:
  listen: "127.0.0.1:${postgres!}"
  connect_address: "127.0.0.1:${postgres!}"
  data_dir: ${data}
  bin_dir: ${patroniBinaries}
  pgpass: ${join(directory.path, 'pgpass')}
  authentication:
    superuser: { username: postgres, password: super }
    replication: { username: replicator, password: replicator }
  parameters: { unix_socket_directories: ${directory.path} }
  pg_hba: ["local all all trust", "host all all 127.0.0.1/32 scram-sha-256"]
`,
  )
  const child = await startChild({
    name: 'Patroni',
    command: findProgram('patroni')!,
    args: [configFile],
    logFile: join(directory.path, 'log'),
    owner,
  })
  stack.defer(async () => {
    // Its orderly end takes seconds; nothing of it is kept.
    await child.stop('SIGKILL')
    await stopPostmaster(data)
  })
  const url = `http://127.0.0.1:${api!}`
  using http = createHttpClient()
  await child.waitFor(
    'Patroni is the leader',
    async () => {
      const request = { method: 'GET', url: `${url}/primary`, timeoutMs: 1000 } as const
      return (await http.send(request).catch(() => undefined))?.status === 200
    },
    30_000,
  )
  // Patroni's death, when this process is killed, does not end its server.
  const postmaster = pidOfPostmaster(data)
  if (postmaster !== undefined) stack.defer(guardProcess(postmaster, 'SIGQUIT'))
  const owned = stack.move()
  return { url, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

async function stopPostmaster(data: string): Promise<void> {
  const pid = pidOfPostmaster(data)
  if (pid === undefined) return
  signalProcess(pid, 'SIGQUIT')
  await waitFor('the postmaster to be gone', () => !isAlive(pid))
}

function pidOfPostmaster(data: string): number | undefined {
  const file = join(data, 'postmaster.pid')
  const pid = existsSync(file) ? Number(readFileSync(file, 'utf8').split('\n', 1)[0]) : 0
  return pid > 1 ? pid : undefined
}
