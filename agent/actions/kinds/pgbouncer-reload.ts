import { z } from 'zod'
import type { Action } from '../action.ts'
import { tellPooler } from '../pooler-database.ts'

const args = z.strictObject({})
const readMs = 3_000

export const pgbouncerReload: Action<z.infer<typeof args>> = {
  kind: 'pgbouncer-reload',
  what: 'have pgBouncer read its configuration and user files again',
  risk: 'change',
  target: 'pooler',
  args,
  deadlineMs: 10_000,
  examples: ['run pgbouncer-reload -c pg-main'],
  plan: () =>
    Promise.resolve([
      'runs: RELOAD, which reads pgbouncer.ini and the files that it names',
      'what would change cannot be told: the console shows what is in force only',
    ]),
  async run(context) {
    const session = await context.session()
    const show = { text: 'show config' }
    const before = new Map((await session.read(show, readMs)).rows.map((row) => [row[0], row[1]]))
    await tellPooler(context, 'reload', undefined, readMs)
    const { rows } = await session.read(show, readMs)
    const changed = rows.flatMap(([key = '', value = '']) =>
      before.get(key) === value ? [] : [[key, before.get(key) ?? null, value]],
    )
    const message = `pgBouncer has read its files; ${changed.length} settings changed (databases and users are none).`
    if (changed.length === 0) return { message, output: [] }
    const columns = ['setting', 'before', 'after'].map((name) => ({ name, align: 'left' as const }))
    return {
      message,
      output: [{ type: 'table', title: 'Changed', columns, rows: changed, truncated: false }],
    }
  },
}
