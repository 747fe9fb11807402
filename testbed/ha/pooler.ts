import { join } from 'node:path'
import type { ChildOptions } from '../process.ts'
import { writeOwned } from '../postgres-settings.ts'
import { unprivilegedOwner } from '../unprivileged.ts'
import { credentials } from './credentials.ts'

export const poolerPort = 6432

/** Writes the files of a member's pgBouncer, which leads to the PostgreSQL of its own host. */
export function poolerCommand(options: {
  readonly command: string
  readonly name: string
  readonly directory: string
}): ChildOptions {
  const { directory, name } = options
  const { superuser, application, monitor } = credentials
  const users = [superuser, application, monitor]
  writeOwned(
    join(directory, 'pgbouncer-users.txt'),
    users.map(({ user, password }) => `"${user}" "${password}"\n`).join(''),
  )
  const file = join(directory, 'pgbouncer.ini')
  writeOwned(
    file,
    `[databases]
* = host=127.0.0.1 port=5432
[pgbouncer]
listen_addr = 0.0.0.0
listen_port = ${poolerPort}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = ${directory}/pgbouncer-users.txt
admin_users = ${superuser.user}
stats_users = ${monitor.user}
pool_mode = transaction
log_stats = 0
server_login_retry = 1
server_check_delay = 5
ignore_startup_parameters = extra_float_digits
`,
  )
  return {
    name: `pgBouncer of ${name}`,
    command: options.command,
    args: [file],
    logFile: join(directory, 'pgbouncer.log'),
    owner: unprivilegedOwner(),
  }
}
