import { existsSync } from 'node:fs'
import { findProgram } from '../find-program.ts'
import { runCommand } from '../run-command.ts'

export interface HaPrograms {
  readonly unshare: string
  readonly nsenter: string
  readonly ip: string
  readonly etcd: string
  readonly patroni: string
  readonly haproxy: string
  readonly pgbouncer: string
  /** With pg_basebackup and pg_rewind beside the server, which Patroni needs. */
  readonly postgresBin: string
}

const names = ['unshare', 'nsenter', 'ip', 'etcd', 'patroni', 'haproxy', 'pgbouncer'] as const
const postgresBin = '/usr/lib/postgresql/15/bin'

/**
 * The programs of an HA cluster.
 * @throws Error with everything that keeps this machine from running one: a suite that needs it fails, it does not pass
 */
export async function findHaPrograms(): Promise<HaPrograms> {
  const found = names.map((name) => [name, findProgram(name)] as const)
  const obstacles = found.filter(([, path]) => path === undefined).map(([name]) => `${name} is not installed`)
  for (const program of ['postgres', 'initdb', 'pg_basebackup', 'pg_rewind']) {
    if (!existsSync(`${postgresBin}/${program}`)) obstacles.push(`${postgresBin}/${program} is missing`)
  }
  if (process.getuid?.() !== 0) obstacles.push('network namespaces need root')
  const unshare = findProgram('unshare')
  if (obstacles.length === 0 && unshare !== undefined) {
    const flags = ['--net', '--pid', '--mount', '--uts', '--ipc', '--fork', '--mount-proc']
    const attempt = await runCommand(unshare, [...flags, 'true'])
    if (attempt.status !== 0) obstacles.push(`namespaces cannot be made: ${attempt.stderr.trim()}`)
  }
  if (obstacles.length > 0) throw new Error(`no HA cluster on this machine: ${obstacles.join('; ')}`)
  return { ...(Object.fromEntries(found) as Record<(typeof names)[number], string>), postgresBin }
}
