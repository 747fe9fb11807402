import type { ConfigurationOwner } from '../detect/configuration-owner.ts'

/** What whoever keeps the settings of a server makes of an advice, a sentence each. */
export function ownerNotes(owner: ConfigurationOwner | undefined): readonly string[] {
  if (owner === undefined || owner.kind === 'plain') return []
  const who = owner.mayApply
    ? `${owner.name} keeps the settings of this server`
    : `${owner.name} keeps the settings of this server, so that this agent does not change them`
  return [`${who}: ${owner.how}`, ...owner.notes]
}
