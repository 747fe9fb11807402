import { join } from 'node:path'
import { isPostgresName } from '../../../common/kernel/process-stat.ts'
import type { FoundServer } from './found.ts'
import { readIfAllowed } from './running-process.ts'
import type { RunningProcess } from './running-process.ts'

/**
 * The PostgreSQL servers of this host, by port. Port and socket are those of postmaster.pid (PostgreSQL, "Database File Layout"; its lines are
 * in src/include/utils/pidfile.h).
 */
export function findServers(processes: readonly RunningProcess[]): {
  readonly servers: readonly FoundServer[]
  readonly notes: readonly string[]
} {
  const names = new Map(processes.map(({ pid, name }) => [pid, name]))
  const servers: FoundServer[] = []
  const notes: string[] = []
  for (const running of processes) {
    if (!isPostgresName(running.name) || isPostgresName(names.get(running.parent) ?? '')) continue
    if (running.isContained) {
      notes.push(
        `PostgreSQL with process ${running.pid} runs in a container: run setup in there, or name its address in the configuration (postgres.url)`,
      )
      continue
    }
    // A postmaster stays in its data directory.
    const { cwd: dataDirectory, pid, uid, gid } = running
    if (dataDirectory === undefined) {
      notes.push(
        `PostgreSQL with process ${pid} belongs to user ${uid}: only root and that user see where it is`,
      )
      continue
    }
    const lines = readIfAllowed(join(dataDirectory, 'postmaster.pid'))?.split('\n') ?? []
    // A backend whose postmaster is gone, and what starts or ends just now, have no such file of their own.
    if (Number(lines[0]) !== pid) continue
    const socket = lines[4]?.trim() ?? ''
    servers.push({
      ...{ pid, uid, gid, dataDirectory },
      port: Number(lines[3]),
      socketDirectory: socket === '' ? undefined : socket,
      major: readIfAllowed(join(dataDirectory, 'PG_VERSION'))?.trim(),
      debianName: debianNameOf(running.argv.join(' ')),
    })
  }
  return { servers: servers.sort((one, other) => one.port - other.port), notes }
}

/** Debian starts a server with its file in /etc/postgresql/<major>/<name> (pg_ctlcluster(1)). */
function debianNameOf(commandLine: string): string | undefined {
  const [, major, name] = /\/etc\/postgresql\/([\d.]+)\/([^/\s]+)\/postgresql\.conf/.exec(commandLine) ?? []
  return major === undefined || name === undefined ? undefined : `${major}/${name}`
}
