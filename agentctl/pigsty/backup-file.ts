import { stringify } from 'yaml'
import type { InventoryHost } from './inventory.ts'
import type { PigstyMember } from './member.ts'
import type { PigstyRepository } from './repository.ts'

/**
 * A backup policy for a host, as a hint: Pigsty's own configuration of pgBackRest stays what it is, and the schedule is that of the
 * crontab, which has to go when the policy is put in force. undefined where the inventory sets up no backup.
 */
export function backupFile(member: PigstyMember, host: InventoryHost, inventory: string): string | undefined {
  const { repository, cluster } = member
  if (repository === undefined) return undefined
  const schedules = schedulesOf(host)
  const content = {
    clusters: {
      [cluster]: {
        ...{ stanza: cluster, config: 'existing', config_file: '/etc/pgbackrest/pgbackrest.conf' },
        schedules: Object.keys(schedules).length === 0 ? { full: '0 1 * * *' } : schedules,
      },
    },
  }
  const lines = [
    `A proposal from ${inventory}: look at it, then put it to /etc/pgherd/backup.yaml of each member of ${cluster}.`,
    'pgBackRest stays as Pigsty has set it up, secrets included; repositories and retention are in its own file:',
    `  ${describe(repository)}`,
    'Take pg-backup out of pg_crontab and node_crontab at the same time, or both make backups.',
  ]
  return `${lines.map((line) => `# ${line}\n`).join('')}${stringify(content)}`
}

/** For a person; without any secret. */
export function describe(repository: PigstyRepository): string {
  const { name, path, s3, retention, isEncrypted } = repository
  const where = s3 === undefined ? path : `bucket ${s3.bucket} at ${s3.endpoint}, path ${path}`
  const kept = retention.type === 'time' ? `${retention.full} days` : `${retention.full} full backups`
  return `${name}: ${where}, keeps ${kept}${isEncrypted ? ', encrypted' : ''}`
}

/** Of the crontab lines that run pg-backup: five fields, perhaps a user, the command with the type (incr unless told). */
function schedulesOf({ variables }: InventoryHost): Readonly<Record<string, string>> {
  const lines = ['pg_crontab', 'node_crontab'].flatMap((name): readonly unknown[] => {
    const given = variables[name]
    return Array.isArray(given) ? given : []
  })
  return Object.fromEntries(
    lines.flatMap((line) => {
      const pattern = /^\s*((?:[\d*/,-]+\s+){4}[\dA-Za-z*/,-]+)\s.*\bpg-backup(?:\s+(full|diff|incr))?\s*$/
      const [, cron, type = 'incr'] = (typeof line === 'string' ? pattern.exec(line) : null) ?? []
      return cron === undefined ? [] : [[type, cron.replaceAll(/\s+/g, ' ').replaceAll(/\b0+(?=\d)/g, '')]]
    }),
  )
}
