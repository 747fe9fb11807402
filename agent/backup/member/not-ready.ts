import type { BackupPolicy } from '../../../common/backup/backup-policy.ts'
import { BackupFailure } from '../backup-failure.ts'

/** Why backup work cannot be done yet. */
export function notReady(cluster: string, problem: string | undefined): BackupFailure {
  const why = problem ?? 'the server was not found yet'
  return new BackupFailure('server-unreachable', `no backup work of ${cluster} can be done yet: ${why}`)
}

/** The same for a restore, which does not need the server: with what a person can do while the agent has not found it since its start. */
export function notReadyToRestore(policy: BackupPolicy, problem: string | undefined): BackupFailure {
  const { cluster, configFile, stanza, engine } = policy
  const elsewhere = `agentctl backup restore ${cluster} --into <directory> --node <a member whose server runs>`
  const byHand = `as the owner of the data directory, pgbackrest --config=${configFile} --stanza=${stanza} --pg1-path=<a new directory> --type=time --target=<time> --target-action=promote restore`
  const ways = engine === 'pgbackrest' ? [elsewhere, byHand] : [elsewhere]
  return new BackupFailure(
    'server-unreachable',
    `${notReady(cluster, problem).message}; the agent has to find its server once after its own start; until then: ${ways.join('; or, ')}`,
  )
}
