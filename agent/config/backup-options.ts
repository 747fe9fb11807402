import { list, path, text } from '../../common/config/kinds.ts'
import { option, optional } from '../../common/config/option-table.ts'

export const backupOptions = {
  'backup.policy_file': option(
    path,
    'how the clusters of this host are backed up; without the file no backup work is done',
    '/etc/pgherd/backup.yaml',
  ),
  'backup.directory': optional(
    path,
    'where runs are written down; `backup` beside spool.directory by default',
  ),
  'backup.command': option(
    list(text({ pattern: /^[^\u0000]+$/, allowed: 'a word of the command line' })),
    'pgbackrest and what comes before its own arguments, such as [sudo, -n, -u, postgres, pgbackrest]',
    ['pgbackrest'],
  ),
  'backup.user': optional(
    text({ pattern: /^[a-z_][a-z0-9_-]{0,31}$/, allowed: 'a user of this host' }),
    'as whom the engine and the servers of drills run, when the agent runs as root; the owner of the data directory by default',
  ),
  'backup.bin_directory': optional(
    path,
    "PostgreSQL's programs for drills; those of the running server by default",
  ),
  'backup.start_command': optional(
    list(text({ pattern: /^[^\u0000]+$/, allowed: 'a word of the command line' })),
    'starts the server after a restore in place, such as [systemctl, start, postgresql@15-main]; the way it was started before by default',
  ),
  'backup.stop_command': optional(
    list(text({ pattern: /^[^\u0000]+$/, allowed: 'a word of the command line' })),
    'stops it before; pg_ctl stop by default',
  ),
} as const
