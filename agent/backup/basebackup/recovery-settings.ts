import type { RestoreRequest } from '../engine.ts'

/**
 * For the end of postgresql.auto.conf, since PostgreSQL 12. Recovery demands a command that gets the log; all of it is there already.
 * @see https://www.postgresql.org/docs/current/runtime-config-wal.html#RUNTIME-CONFIG-WAL-RECOVERY-TARGET
 */
export function recoverySettings({ target, action, archives }: RestoreRequest): string {
  const settings = [
    `restore_command = 'false'`,
    `recovery_target_timeline = 'current'`,
    ...(target.kind === 'immediate'
      ? [`recovery_target = 'immediate'`, `recovery_target_action = '${action}'`]
      : [`recovery_target = ''`]),
    ...(archives === true ? [] : [`archive_mode = 'off'`]),
  ]
  return `\n# Recovery settings by pgherd\n${settings.map((line) => `${line}\n`).join('')}`
}
