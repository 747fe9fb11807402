import type { BackupPolicy } from '../../../common/backup/backup-policy.ts'
import { printBytes } from '../../../common/config/kinds.ts'
import { isAtLeast } from './with-defaults.ts'
import { oldestVersion } from './config-text.ts'

/**
 * What a policy cannot do, or does otherwise than its reader may expect: one sentence each.
 * @param address - of this host, as members have it; null where it is not known
 * @param version - of pgBackRest; null where it is not known
 */
export function policyNotes(
  policy: BackupPolicy,
  address: string | null,
  version: string | null,
): readonly string[] {
  const { schedules } = policy
  return [
    ...ofEngine(policy, version),
    ...(schedules.full === undefined ? ['No full backup is scheduled: backups are made by hand only.'] : []),
    ...(schedules.drill === undefined ? ['No drill is scheduled: nobody knows that a restore works.'] : []),
    ...(schedules.verify === undefined
      ? ['No verify is scheduled: damaged files are found by a restore.']
      : []),
    ...ofRepositories(policy),
    ...ofArchive(policy),
    ...ofMembers(policy, address),
  ]
}

function ofEngine({ engine }: BackupPolicy, version: string | null): readonly string[] {
  if (engine === 'pg_basebackup') {
    return [
      'pg_basebackup archives no WAL: only the moment at which a backup ended can be restored, and nothing between two backups.',
    ]
  }
  if (version === null) return ['pgBackRest is not installed here, or does not tell its version.']
  return isAtLeast(version, oldestVersion)
    ? []
    : [`pgBackRest ${version} is too old: ${oldestVersion} and later are written for.`]
}

function ofRepositories({ repositories, where }: BackupPolicy): readonly string[] {
  return repositories.flatMap((one, i) => {
    const name = `Repository ${i + 1}`
    const notes: string[] = []
    if (one.kind === 'local' && !one.isShared && where === 'primary')
      notes.push(
        `${name} is on each member's own disks: after a failover the new primary begins with its own.`,
      )
    if (one.kind === 's3' && one.cipherPassFile === null)
      notes.push(`${name} is not encrypted: who may read the bucket may read the database.`)
    if (one.kind === 's3' && !one.verifyTls)
      notes.push(`${name} is whoever answers: its certificate is not verified.`)
    if (one.retention.full === null) notes.push(`${name} only grows.`)
    return notes
  })
}

function ofArchive({ engine, config, archive }: BackupPolicy): readonly string[] {
  if (engine === 'pg_basebackup' || config === 'existing') return []
  if (archive.queueMaxBytes === null) {
    return ['While no repository takes WAL, pg_wal grows until it does or the disk is full.']
  }
  return [
    `While no repository takes WAL and more than ${printBytes(archive.queueMaxBytes)} of it wait, pgBackRest throws it away: the disk does not fill, and no point behind can be restored until the next backup.`,
  ]
}

function ofMembers(
  { where, members, engine, config }: BackupPolicy,
  address: string | null,
): readonly string[] {
  if (where !== 'standby' || engine === 'pg_basebackup' || config === 'existing') return []
  const names = members.map((one) => one.address)
  const notes = [
    'pgbackrest server has to run on every member, with the same configuration file (its unit is pgbackrest.service).',
  ]
  if (address !== null && !names.includes(address)) {
    notes.push(
      `This host, ${address}, is not among the members ${names.join(', ')}: nothing is written here.`,
    )
  }
  return notes
}
