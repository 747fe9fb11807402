import type { RuleInput } from '../rule.ts'

/** What is set for a role in a database, for the role, or for the database, in the order that PostgreSQL has; undefined where it is the server's. */
export function roleSettingOf(
  { details }: Pick<RuleInput, 'details'>,
  name: string,
  role: string,
  database: string,
): string | undefined {
  const own = (details.roleSettings ?? []).filter((setting) => setting.name === name)
  const of = (inRole: string | null, inDatabase: string | null): string | undefined =>
    own.find((setting) => setting.role === inRole && setting.database === inDatabase)?.value
  return of(role, database) ?? of(role, null) ?? of(null, database) ?? of(null, null)
}
