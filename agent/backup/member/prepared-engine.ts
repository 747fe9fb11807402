import { readFile } from 'node:fs/promises'
import type { BackupPolicy } from '../../../common/backup/backup-policy.ts'
import { BackupFailure } from '../backup-failure.ts'
import type { ServerUser } from '../drill/server-user.ts'
import { engineVersion } from '../engine/engine-version.ts'
import type { ConfiguredRepository } from '../engine/list-repositories.ts'
import { applyConfig } from '../policy/apply-config.ts'
import { readExistingConfig } from '../policy/existing-config.ts'
import type { ExistingConfig } from '../policy/existing-config.ts'
import { placeOfRepository } from '../policy/tell-repository.ts'
import { findServer, ownerOf } from '../server/local-server.ts'
import type { FoundServer } from '../server/local-server.ts'
import type { MemberEnvironment } from './environment.ts'

/** What has to be known before an engine can be asked anything. */
export interface Prepared extends FoundServer {
  readonly version: string | null
  readonly user: ServerUser
  readonly existing: ExistingConfig | null
  readonly repositories: readonly ConfiguredRepository[]
}

/**
 * Finds the server and, where the policy says so, writes the engine's configuration.
 * @throws PgherdError when the server does not answer; BackupFailure configuration for secrets or files that cannot be used
 */
export async function prepareEngine(policy: BackupPolicy, environment: MemberEnvironment): Promise<Prepared> {
  const { ask, address, command } = environment
  const found = await findServer(ask, address)
  const user = environment.user === undefined ? await ownerOf(found.server.dataDirectory) : environment.user
  const version = policy.engine === 'pgbackrest' ? await engineVersion(command) : null
  if (policy.engine === 'pgbackrest' && version === null) {
    throw new BackupFailure(
      'configuration',
      `${command.join(' ')} cannot be started; install pgbackrest, or set backup.command`,
    )
  }
  if (policy.config === 'existing') {
    const existing = readExistingConfig(await readText(policy.configFile), policy.stanza)
    if (existing.problems.length > 0) {
      const what = existing.problems.join('; ')
      environment.log.warn({ file: policy.configFile }, `backup: ${policy.configFile}: ${what}`)
    }
    return { ...found, version, user, existing, repositories: existing.repositories }
  }
  const { wasWritten, leftOut } = await applyConfig(policy, {
    server: found.server,
    version,
    owner: user,
    takesOver: false,
  })
  for (const line of leftOut) environment.log.warn({ cluster: policy.cluster }, `backup: left out: ${line}`)
  if (wasWritten) {
    environment.log.info({ file: policy.configFile }, 'backup: the configuration of pgBackRest is written')
  }
  const repositories = policy.repositories.map((one, i) => ({
    repository: i + 1,
    where: placeOfRepository(one),
    directory: one.kind === 'local' ? one.path : null,
    isEncrypted: one.cipherPassFile !== null,
  }))
  return { ...found, version, user, existing: null, repositories }
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    throw new BackupFailure('configuration', `${path} cannot be read`, { cause: error })
  }
}
