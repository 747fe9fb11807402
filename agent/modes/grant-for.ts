/**
 * The statement of a predicate's `grant` for one role.
 * @param user name of the role, which becomes an identifier
 */
export function grantFor(grant: string, user: string): string {
  return grant.replaceAll('{role}', () => `"${user.replaceAll('"', '""')}"`)
}
