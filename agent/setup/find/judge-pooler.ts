import type { FoundPooler } from './found.ts'
import { readIfAllowed } from './running-process.ts'

/** What a pgBouncer lacks to let the role read its console: sentences with the lines to add; pgbouncer(5), auth_file and stats_users. */
export function lacksOfPooler(pooler: FoundPooler, role: string): readonly string[] {
  const { authFile, authType, configFile, users } = pooler
  const isKnown =
    authType === 'any' ||
    (authFile !== undefined &&
      (readIfAllowed(authFile) ?? '').split('\n').some((line) => line.startsWith(`"${role}" `)))
  const lines = [
    ...(users.includes(role) ? [] : [`stats_users = ${role} (beside those there are) in ${configFile}`]),
    ...(isKnown
      ? []
      : [
          `its line in ${authFile ?? 'an auth_file'}, as printed by: select format('"%s" "%s"', rolname, rolpassword) from pg_authid where rolname = '${role}'`,
        ]),
  ]
  return lines.length === 0 ? [] : [`pgBouncer lacks ${lines.join(', and ')}; then RELOAD on its console`]
}

/** Its console; undefined where nobody gets at it. */
export function consoleUrl(
  { address, port, socketDirectory }: FoundPooler,
  role: string,
): string | undefined {
  if (address !== undefined) {
    return `postgres://${role}@${address.includes(':') ? `[${address}]` : address}:${port}/pgbouncer`
  }
  if (socketDirectory === undefined) return undefined
  return `postgres://${role}@localhost:${port}/pgbouncer?host=${encodeURI(socketDirectory)}`
}
