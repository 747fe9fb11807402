import { readYaml } from '../../../common/config/yaml-records.ts'
import { suggestions } from '../../../common/suggestions.ts'
import { policyFile } from './schema.ts'
import type { Policy } from './schema.ts'

/** Without a file: whatever reads, by anyone whose key is known. */
export const defaultPolicy: Policy = {
  time_zone: 'UTC',
  rules: [{ kinds: ['read'] }],
  require_two_operators: [],
}

export const risks: readonly string[] = ['read', 'change', 'destructive']

/**
 * Reads a policy file. A kind that no action has is a mistake: in a rule it would allow nothing, and in
 * `require_two_operators` it would protect nothing.
 * @param kinds of this agent's actions
 */
export function readPolicy(
  text: string,
  fileName: string,
  kinds: readonly string[],
): { readonly policy: Policy | undefined; readonly problems: readonly string[] } {
  const known = [...risks, ...kinds]
  const schema = policyFile.superRefine((policy, context) => {
    const check = (name: string, path: readonly PropertyKey[]) => {
      if (known.includes(name)) return
      context.addIssue({ code: 'custom', path: [...path], message: suggestions(name, known) })
    }
    for (const [i, rule] of policy.rules.entries()) {
      for (const [j, name] of rule.kinds.entries()) check(name, ['rules', i, 'kinds', j])
    }
    for (const [i, name] of policy.require_two_operators.entries()) check(name, ['require_two_operators', i])
  })
  const read = readYaml(text, fileName, schema)
  if (read.problems !== undefined) return { policy: undefined, problems: read.problems }
  return { policy: read.value, problems: [] }
}
