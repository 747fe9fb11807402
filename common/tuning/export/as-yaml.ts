import { comment } from './comment.ts'
import { forServer, statementComments } from './exported.ts'
import type { Exported } from './exported.ts'

/** A patch of Patroni's dynamic configuration, for all members: `patronictl edit-config --apply FILE`. */
export function asPatroni(proposals: readonly Exported[], about: readonly string[]): readonly string[] {
  return [
    ...about.map((line) => comment('#', line)),
    '# patronictl edit-config --apply FILE',
    'postgresql:',
    ...mapping('parameters', proposals, '  '),
    ...statementComments(proposals, '#'),
  ]
}

/** Variables of Ansible: one mapping, with the name that it has in Pigsty's inventory. */
export function asAnsible(proposals: readonly Exported[], about: readonly string[]): readonly string[] {
  return [
    ...about.map((line) => comment('#', line)),
    ...mapping('pg_parameters', proposals, ''),
    ...statementComments(proposals, '#'),
  ]
}

/** One without entries is written as such, since YAML would read nothing as null. */
function mapping(name: string, proposals: readonly Exported[], indent: string): readonly string[] {
  const entries = forServer(proposals).map((one) => `${indent}  ${entry(one)}`)
  return entries.length === 0 ? [`${indent}${name}: {}`] : [`${indent}${name}:`, ...entries]
}

/** Always a string: YAML would read `on` as a boolean, and 0.10 as a number. */
const entry = ({ parameter, proposed }: Exported): string =>
  `${parameter}: '${proposed.replaceAll("'", "''")}'`
