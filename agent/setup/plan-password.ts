import type { FoundServer } from './find/found.ts'
import { isPasswordOf } from './server/scram-verifier.ts'
import type { ServerFacts } from './server/server-facts.ts'

/** Whether a role is to be given the password of this host, or why it cannot be. */
export type PasswordStep = { readonly sets: boolean } | { readonly problem: string }

/**
 * @param known the password that this host has or was told; undefined for none
 * @param file where it is kept
 */
export function planPassword(
  server: Pick<FoundServer, 'dataDirectory'>,
  { role: facts }: Pick<ServerFacts, 'role'>,
  asked: {
    readonly role: string
    readonly known: string | undefined
    readonly file: string
    readonly isNewWanted: boolean
  },
): PasswordStep {
  const { role, known, file, isNewWanted } = asked
  const verifier = facts?.verifier
  if (verifier === undefined) return { sets: true }
  if (known !== undefined && isPasswordOf(verifier, known, role)) return { sets: false }
  if (isNewWanted) return { sets: true }
  const what =
    known === undefined
      ? `has a password, which this host does not know`
      : `has another password than the one in ${file}`
  return {
    problem: `the role ${role} of the server of ${server.dataDirectory} ${what}; allowed: --password-from with a file that has it (such as ${file} of another member of the cluster), or --new-password, after which other agents that use the role need the new one`,
  }
}
