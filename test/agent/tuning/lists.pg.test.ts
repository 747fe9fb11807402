import { describe, expect, test } from 'vitest'
import { alterSystem } from '../../../agent/tuning/alter-system.ts'
import { applySettings } from '../../../agent/tuning/apply-settings.ts'
import type { NotedChange } from '../../../agent/tuning/noted-change.ts'
import { tunableNames } from '../../../agent/tuning/preflight/tunable-names.ts'
import { undoSettings } from '../../../agent/tuning/undo-settings.ts'
import { systemClock } from '../../../common/clock.ts'
import { postgresMajors, startPostgres } from '../../../testbed/postgres.ts'
import { openForTest } from '../actions/action-context.ts'

/** What no version before has is looked for in the later ones. */
const unknown = new Set(tunableNames)

describe.each(postgresMajors)('a list on PostgreSQL %i', (major) => {
  test('has its elements after a restart, and is put back as it was', async () => {
    await using server = await startPostgres({ major })
    const rows = await server.query<{ name: string }>(
      `select name from pg_settings where context <> 'internal'`,
    )
    for (const { name } of rows) unknown.delete(name)
    const wish = (name: string, value: string) => ({ name, value, isMetBy: (one: string) => one === value })
    // With a library that comes with the server, and a name that has to be quoted.
    const wanted = [
      wish('shared_preload_libraries', 'pg_stat_statements, auto_explain'),
      wish('search_path', '"$user", "My Schema", public'),
    ]
    const session = await openForTest(server.url())()
    const tuned = { session, keeper: undefined, clock: systemClock, signal: new AbortController().signal }
    const noted: NotedChange[] = []
    const mustUndo = (one: NotedChange): Promise<void> => Promise.resolve(void noted.push(one))
    await server.query(alterSystem('shared_preload_libraries', 'auto_explain,pg_stat_statements'))
    await applySettings(tuned, wanted, { replaces: false, mustUndo })
    await server.stop()
    await server.start()
    const shown = async (name: string): Promise<string> => {
      const [row] = await server.query<{ is: string }>('select current_setting($1) as is', [name])
      return row!.is
    }
    expect(await shown('shared_preload_libraries')).toBe('pg_stat_statements, auto_explain')
    expect(await shown('search_path')).toBe('"$user", "My Schema", public')
    expect(await undoSettings(noted[0]!, tuned)).toBe('search_path, shared_preload_libraries are as before')
    await server.stop()
    await server.start()
    expect(await shown('shared_preload_libraries')).toBe('auto_explain, pg_stat_statements')
    expect(await shown('search_path')).toBe('"$user", public')
  })
})

test('what may be tuned are settings of some version that can be changed', () => {
  expect([...unknown]).toEqual([])
})
