import { join } from 'node:path'
import type { BackupPolicy } from '../../../../common/backup/backup-policy.ts'
import { applyConfig } from '../../../../agent/backup/policy/apply-config.ts'
import { createOwnDirectory } from '../../../../testbed/own-directory.ts'
import { writeOwned } from '../../../../testbed/postgres-settings.ts'
import type { PostgresServer } from '../../../../testbed/postgres.ts'
import { unprivilegedOwner } from '../../../../testbed/unprivileged.ts'
import { fileOf, policyOf } from './policy-facts.ts'

/** A directory of the servers' user, with those that pgBackRest wants and a way to put files with secrets there. */
export function backupPlace() {
  const owner = unprivilegedOwner()
  const own = createOwnDirectory({ prefix: 'pgherd-policy-' }, owner)
  const inside = (name: string): string => createOwnDirectory({ path: join(own.path, name) }, owner).path
  const places = { log_path: inside('log'), lock_path: inside('lock') }
  const spool = inside('spool')
  return {
    path: own.path,
    configFile: join(own.path, 'pgbackrest.conf'),
    inside,
    secret(name: string, content: string): string {
      const path = join(own.path, name)
      writeOwned(path, `${content}\n`)
      return path
    },
    /** Of a file with these lines and the places of this directory. */
    policy: (...lines: readonly string[]): BackupPolicy =>
      policyOf(
        fileOf(
          `config_file: ${join(own.path, 'pgbackrest.conf')}`,
          ...Object.entries(places).map(([key, path]) => `${key}: ${path}`),
          `archive: {spool_path: ${spool}, timeout: 20s}`,
          ...lines,
        ),
      ),
    [Symbol.dispose]: () => own[Symbol.dispose](),
  }
}

/** Writes a policy's configuration for a server of the test bed, for pgBackRest 2.45. */
export async function writeConfigOf(
  policy: BackupPolicy,
  server: Pick<PostgresServer, 'dataDirectory' | 'port' | 'socketDirectory'>,
  address = '127.0.0.1',
): Promise<void> {
  const { dataDirectory, port, socketDirectory } = server
  await applyConfig(policy, {
    server: { dataDirectory, port, socketDirectory, user: 'postgres', address },
    version: '2.45',
    owner: unprivilegedOwner() ?? null,
    takesOver: false,
  })
}
