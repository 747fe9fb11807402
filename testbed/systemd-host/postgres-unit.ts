import { writeFileSync } from 'node:fs'
import { unprivilegedOwner } from '../unprivileged.ts'
import { postgresBin } from './prerequisites.ts'
import type { SystemdHost } from './systemd-host.ts'

/** A PostgreSQL server of a host, as a service that is enabled. */
export interface HostPostgres {
  /** Rows of a query as superuser, columns separated by `|`. */
  query(sql: string): Promise<string>
}

const unit = `[Unit]
Description=PostgreSQL
[Service]
Type=notify
User=postgres
RuntimeDirectory=postgresql
ExecStart=${postgresBin}/postgres -D /var/lib/postgresql/drill -c listen_addresses=127.0.0.1 -c unix_socket_directories=/run/postgresql -c fsync=off
KillMode=mixed
KillSignal=SIGINT
[Install]
WantedBy=multi-user.target
`

/** Whoever comes over the network needs a password. */
const authentication = 'local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n'

/** Makes `postgres.service` on a host that is on; resolves when the server answers. */
export async function installPostgres(host: SystemdHost): Promise<HostPostgres> {
  const owner = unprivilegedOwner()
  const data = '/var/lib/postgresql/drill'
  await host.mustRun(`${postgresBin}/initdb`, ['-D', data, '-U', 'postgres', '-A', 'trust', '-N'], { owner })
  writeFileSync(host.path(`${data}/pg_hba.conf`), authentication)
  writeFileSync(host.path('/etc/systemd/system/postgres.service'), unit)
  await host.mustRun('systemctl', ['enable', '--now', 'postgres.service'])
  return {
    query: (sql) =>
      host.mustRun(`${postgresBin}/psql`, ['-XAtq', '-h', '/run/postgresql', '-U', 'postgres', '-c', sql]),
  }
}
