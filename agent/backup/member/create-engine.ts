import type { BackupPolicy } from '../../../common/backup/backup-policy.ts'
import { createPgBasebackup } from '../basebackup/pg-basebackup.ts'
import { createPgBackRest } from '../engine/pgbackrest.ts'
import type { BackupEngine } from '../engine.ts'
import { postmasterPid } from '../server/local-server.ts'
import type { MemberEnvironment } from './environment.ts'
import { withOwnArchive } from './own-archive.ts'
import type { Prepared } from './prepared-engine.ts'

/** What the policy asks for, on this host. Disposing ends what runs. */
export function createEngine(
  policy: BackupPolicy,
  prepared: Prepared,
  environment: MemberEnvironment,
): BackupEngine & AsyncDisposable {
  const { user, repositories, server, versionNumber } = prepared
  const { clock, health, ask, binDirectory } = environment
  const { nice, compression, maxRate } = policy
  const [repository] = policy.repositories
  if (policy.engine === 'pg_basebackup' && repository !== undefined) {
    return createPgBasebackup({
      directory: repository.path,
      retention: repository.retention,
      ...{ compression, maxRate, nice, user, clock, ask, binDirectory },
      way: environment.way,
      postmasterPid: () => postmasterPid(server.dataDirectory),
    })
  }
  const engine = createPgBackRest({
    command: environment.command,
    configFile: policy.configFile,
    stanza: policy.stanza,
    user: user ?? undefined,
    nice,
    clock,
    repositories,
    isLocal: repositories.every(({ directory }) => directory !== null),
    isPrimary: () => health()?.role === 'primary',
    serverVersion: () => Promise.resolve(Math.floor(versionNumber / 10_000)),
  })
  return withOwnArchive(engine, { ask, clock, stanza: policy.stanza })
}
