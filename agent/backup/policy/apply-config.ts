import type { BackupPolicy } from '../../../common/backup/backup-policy.ts'
import { BackupFailure } from '../backup-failure.ts'
import { configText, oldestVersion } from './config-text.ts'
import type { LocalServer } from './config-text.ts'
import { readSecrets } from './secret-files.ts'
import { isAtLeast } from './with-defaults.ts'
import { writeConfig } from './write-config.ts'

export interface ConfigPlace {
  readonly server: LocalServer
  /** Of pgBackRest; null where it is not known. */
  readonly version: string | null
  /** The servers' user; null: this program's own. */
  readonly owner: { readonly uid: number; readonly gid: number } | null
  /** Replaces a file that pgherd has not written, and keeps it beside. */
  readonly takesOver: boolean
}

export interface AppliedConfig {
  readonly wasWritten: boolean
  /** Of the policy, what this pgBackRest does not know; one line each. */
  readonly leftOut: readonly string[]
}

/**
 * Makes the configuration of pgBackRest what the policy says. With `config: existing`, and for pg_basebackup, there is nothing to do.
 * @throws BackupFailure configuration; PgherdError DIRECTORY_UNUSABLE or DISK_FULL
 */
export async function applyConfig(policy: BackupPolicy, place: ConfigPlace): Promise<AppliedConfig> {
  if (policy.engine === 'pg_basebackup' || policy.config === 'existing') {
    return { wasWritten: false, leftOut: [] }
  }
  const { server, version, owner, takesOver } = place
  const fail = (message: string) => new BackupFailure('configuration', message)
  if (version !== null && !isAtLeast(version, oldestVersion)) {
    throw fail(`pgBackRest ${version} is too old: ${oldestVersion} and later are written for`)
  }
  const names = policy.members.map(({ address }) => address)
  // It would name itself among the others, and ask itself by TLS.
  if (policy.primaryAccess !== null && !names.includes(server.address)) {
    throw fail(`this host, ${server.address}, is not among the members ${names.join(', ')}`)
  }
  const { secrets, problems } = await readSecrets(policy)
  if (secrets === undefined) throw fail(problems.join('; '))
  const { text, leftOut } = configText(policy, server, secrets, version)
  return { wasWritten: await writeConfig({ path: policy.configFile, text, owner, takesOver }), leftOut }
}
