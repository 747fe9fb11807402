import type { Proposal } from '../proposal.ts'

/** Whose elements the server quotes one by one: one text with commas would become one library. */
const lists = new Set(['shared_preload_libraries'])

/** Statements for psql. The last one makes the server read them; what waits for a restart is named. */
export function asAlterSystem(
  proposals: readonly Pick<Proposal, 'parameter' | 'proposed' | 'reason' | 'needs'>[],
  about: readonly string[],
): readonly string[] {
  const restarts = proposals.filter(({ needs }) => needs === 'restart').map(({ parameter }) => parameter)
  return [
    ...about.map((line) => `-- ${line}`),
    '',
    ...proposals.flatMap(({ parameter, proposed, reason }) => [
      `-- ${reason}`,
      `ALTER SYSTEM SET ${parameter} = ${elements(parameter, proposed).map(literal).join(', ')};`,
    ]),
    '',
    'SELECT pg_reload_conf();',
    ...(restarts.length === 0 ? [] : [`-- These wait for a restart: ${restarts.join(', ')}`]),
  ]
}

const elements = (parameter: string, value: string): readonly string[] =>
  lists.has(parameter) ? value.split(',').map((one) => one.trim()) : [value]

const literal = (value: string): string => `'${value.replaceAll("'", "''")}'`
