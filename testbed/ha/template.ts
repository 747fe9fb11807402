import { createHash } from 'node:crypto'
import { existsSync, mkdirSync } from 'node:fs'
import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { copyTree } from '../copy-tree.ts'
import { createOwnDirectory } from '../own-directory.ts'
import { runCommand } from '../run-command.ts'
import { unprivilegedOwner } from '../unprivileged.ts'
import { credentials } from './credentials.ts'

const cache = fileURLToPath(new URL('../../.cache/ha', import.meta.url))

/** Roles as Patroni would have made them at bootstrap, with what its documentation grants for pg_rewind. */
const statements = [
  `alter role postgres password '${credentials.superuser.password}'`,
  `create role replicator replication login password '${credentials.replication.password}'`,
  `create role rewinder login password '${credentials.rewind.password}'`,
  'grant execute on function pg_catalog.pg_ls_dir(text, boolean, boolean) to rewinder',
  'grant execute on function pg_catalog.pg_stat_file(text, boolean) to rewinder',
  'grant execute on function pg_catalog.pg_read_binary_file(text) to rewinder',
  'grant execute on function pg_catalog.pg_read_binary_file(text, bigint, bigint, boolean) to rewinder',
  `create role app login password '${credentials.application.password}'`,
  'create schema app authorization app',
  `create role monitor login password '${credentials.monitor.password}' in role pg_monitor`,
  'create extension pg_stat_statements',
]

const initdbOptions = '-U postgres -A scram-sha-256 --auth-local=trust -E UTF8 --locale=C.UTF-8 -k -N'

/**
 * A stopped data directory from which every member of a cluster is copied: initdb costs a second, and identical copies
 * of a stopped server follow each other without a base backup. Consequence: all clusters share a system identifier.
 */
export async function findHaTemplate(postgresBin: string): Promise<string> {
  const owner = unprivilegedOwner()
  const version = await run(`${postgresBin}/postgres --version`)
  const parts = [version, initdbOptions, ...statements].join('\n')
  const template = join(cache, createHash('sha256').update(parts).digest('hex').slice(0, 12))
  if (existsSync(template)) return template
  mkdirSync(cache, { recursive: true })
  using work = createOwnDirectory({ prefix: 'pgherd-ha-template-' }, owner)
  const data = join(work.path, 'data')
  const quoted = statements.map((statement) => `"${statement}"`).join(' ')
  await run(
    [
      `echo '${credentials.superuser.password}' > ${work.path}/password`,
      `${postgresBin}/initdb -D ${data} ${initdbOptions} --pwfile=${work.path}/password`,
      `printf '%s\\n' ${quoted} | ${postgresBin}/postgres --single -D ${data} -c exit_on_error=on postgres`,
    ].join(' && '),
  )
  using unfinished = createOwnDirectory({ prefix: 'unfinished-', parent: cache })
  await copyTree(data, join(unfinished.path, 'data'), { owner })
  try {
    await rename(join(unfinished.path, 'data'), template)
  } catch (error) {
    // Another process was faster; its template is as good.
    if (!existsSync(template)) throw error
  }
  return template
}

async function run(script: string): Promise<string> {
  const result = await runCommand('/bin/sh', ['-c', script], {
    owner: unprivilegedOwner(),
    timeoutMs: 120_000,
  })
  if (result.status === 0) return result.stdout
  throw new Error(`the template of the HA cluster: ${result.stderr.trim() || result.stdout.trim()}`)
}
