import { comment } from './comment.ts'
import { forServer, statementComments } from './exported.ts'
import type { Exported } from './exported.ts'

/**
 * Lines of a configuration file, which postgresql.conf can include.
 * @param about - what it was made for, a line each, which become comments
 */
export function asConf(proposals: readonly Exported[], about: readonly string[]): readonly string[] {
  const statements = statementComments(proposals, '#')
  return [
    ...about.map((line) => comment('#', line)),
    '',
    ...forServer(proposals).flatMap(({ parameter, proposed, reason }) => [
      comment('#', reason),
      `${parameter} = '${proposed.replaceAll("'", "''")}'`,
    ]),
    ...(statements.length === 0 ? [] : ['', '# Not for a file:', ...statements]),
  ]
}
