import type { Proposal } from '../proposal.ts'

type Exported = readonly Pick<Proposal, 'parameter' | 'proposed'>[]

/** A patch of Patroni's dynamic configuration, for all members: `patronictl edit-config --apply FILE`. */
export function asPatroni(proposals: Exported, about: readonly string[]): readonly string[] {
  return [
    ...about.map((line) => `# ${line}`),
    '# patronictl edit-config --apply FILE',
    'postgresql:',
    '  parameters:',
    ...proposals.map((one) => `    ${entry(one)}`),
  ]
}

/** Variables of Ansible: one mapping, with the name that it has in Pigsty's inventory. */
export function asAnsible(proposals: Exported, about: readonly string[]): readonly string[] {
  return [...about.map((line) => `# ${line}`), 'pg_parameters:', ...proposals.map((one) => `  ${entry(one)}`)]
}

/** Always a string: YAML would read `on` as a boolean, and 0.10 as a number. */
const entry = ({ parameter, proposed }: Exported[number]): string =>
  `${parameter}: '${proposed.replaceAll("'", "''")}'`
