import type { Proposal } from '../proposal.ts'

/**
 * Lines of a configuration file, which postgresql.conf can include.
 * @param about - what it was made for, a line each, which become comments
 */
export function asConf(
  proposals: readonly Pick<Proposal, 'parameter' | 'proposed' | 'reason'>[],
  about: readonly string[],
): readonly string[] {
  return [
    ...about.map((line) => `# ${line}`),
    '',
    ...proposals.flatMap(({ parameter, proposed, reason }) => [
      `# ${reason}`,
      `${parameter} = '${proposed.replaceAll("'", "''")}'`,
    ]),
  ]
}
