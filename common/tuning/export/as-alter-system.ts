import { comment } from './comment.ts'
import { forServer } from './exported.ts'
import type { Exported } from './exported.ts'

/** Whose elements the server quotes one by one: one text with commas would become one library. */
const lists = new Set(['shared_preload_libraries'])

/** Statements for psql. After those for the server it reads them; what waits for a restart is named; those for a role or a table follow. */
export function asAlterSystem(proposals: readonly Exported[], about: readonly string[]): readonly string[] {
  const restarts = proposals.filter(({ needs }) => needs === 'restart').map(({ parameter }) => parameter)
  const own = forServer(proposals)
  return [
    ...about.map((line) => comment('--', line)),
    '',
    ...own.flatMap(({ parameter, proposed, reason }) => [
      comment('--', reason),
      `ALTER SYSTEM SET ${parameter} = ${elements(parameter, proposed).map(literal).join(', ')};`,
    ]),
    ...(own.length === 0 ? [] : ['', 'SELECT pg_reload_conf();']),
    ...(restarts.length === 0 ? [] : [`-- These wait for a restart: ${restarts.join(', ')}`]),
    ...statements(proposals),
  ]
}

/** Those that any database takes first; the others by database, since psql has to go there. */
function statements(proposals: readonly Exported[]): readonly string[] {
  const groups = Map.groupBy(
    proposals.filter(({ statement }) => statement !== undefined),
    ({ database }) => database ?? '',
  )
  const sorted = [...groups].sort(([a], [b]) => (a < b ? -1 : 1))
  return sorted.flatMap(([database, some]) => [
    '',
    ...(database === '' ? [] : [`\\connect ${inPsql(database)}`]),
    ...some.flatMap(({ reason, statement = '' }) => [comment('--', reason), statement]),
  ])
}

const elements = (parameter: string, value: string): readonly string[] =>
  lists.has(parameter) ? value.split(',').map((one) => one.trim()) : [value]

const literal = (value: string): string => `'${value.replaceAll("'", "''")}'`

/** An argument of psql's own commands: single quotes keep blanks, and a backslash begins an escape in them ("Meta-Commands" in the manual). */
const inPsql = (name: string): string =>
  /^[a-z_][a-z0-9_]*$/.test(name) ? name : `'${name.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`
