import { dirname, resolve } from 'node:path'
import type { FoundPooler } from './found.ts'
import { pathOf, readIfAllowed } from './running-process.ts'
import type { RunningProcess } from './running-process.ts'

const usualPort = 6432
/** An ini file that includes itself ends here. */
const mostIncludes = 20

/** The pgBouncers of this host, by what their ini files say: pgbouncer(5). */
export function findPoolers(processes: readonly RunningProcess[]): {
  readonly poolers: readonly FoundPooler[]
  readonly notes: readonly string[]
} {
  const poolers: FoundPooler[] = []
  const notes: string[] = []
  for (const running of processes.filter(({ name }) => name === 'pgbouncer')) {
    const file = running.argv.slice(1).findLast((word) => word.endsWith('.ini'))
    if (running.isContained || file === undefined) {
      notes.push(`pgBouncer with process ${running.pid} has no ini file that is seen from here`)
      continue
    }
    const configFile = pathOf(running, file)
    const settings = readIni(configFile)
    if (settings.size === 0) {
      notes.push(`${configFile} of pgBouncer cannot be read, or is empty`)
      continue
    }
    const text = (key: string): string | undefined => {
      const value = settings.get(key)
      return value === undefined || value === '' ? undefined : value
    }
    const users = (key: string): readonly string[] =>
      (text(key) ?? '')
        .split(',')
        .map((one) => one.trim())
        .filter((one) => one !== '')
    const authFile = text('auth_file')
    poolers.push({
      configFile,
      port: Number(text('listen_port') ?? usualPort),
      address: reachedAt(text('listen_addr')),
      // Debian's has it set; what pgBouncer is built with is /tmp.
      socketDirectory: settings.has('unix_socket_dir') ? text('unix_socket_dir') : '/tmp',
      authType: text('auth_type') ?? 'md5',
      authFile: authFile === undefined ? undefined : pathOf(running, authFile),
      users: [...users('stats_users'), ...users('admin_users')],
    })
  }
  return { poolers: poolers.sort((one, other) => one.port - other.port), notes }
}

/** Where a client of this host reaches what listens on these addresses. */
export function reachedAt(listening: string | undefined): string | undefined {
  const addresses = (listening ?? '')
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '')
  if (addresses.some((one) => ['*', '0.0.0.0', '127.0.0.1', 'localhost'].includes(one))) return '127.0.0.1'
  if (addresses.some((one) => ['::', '::1'].includes(one))) return '::1'
  return addresses[0]
}

/** The settings of its section [pgbouncer]. */
function readIni(file: string): ReadonlyMap<string, string> {
  const settings = new Map<string, string>()
  let section = ''
  let includes = 0
  const read = (path: string): void => {
    for (const line of (readIfAllowed(path) ?? '').split('\n')) {
      const [, included] = /^%include\s+(.+?)\s*$/.exec(line) ?? []
      if (included !== undefined && includes++ < mostIncludes) read(resolve(dirname(path), included))
      section = /^\s*\[(.+)\]/.exec(line)?.[1] ?? section
      const [, key, value] = /^\s*([a-z_]+)\s*=\s*(.*?)\s*$/.exec(line) ?? []
      if (section === 'pgbouncer' && key !== undefined && value !== undefined) settings.set(key, value)
    }
  }
  read(file)
  return settings
}
