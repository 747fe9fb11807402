import { z } from 'zod'
import { PgherdError } from '../../../common/errors.ts'
import type { ActionOutput } from '../../../common/command/result.ts'
import type { Action } from '../action.ts'
import { grantToReadFiles, readFileSettings } from '../file-settings.ts'
import { shortText } from '../short-text.ts'
import { serverRefusal } from '../server-refusal.ts'

const args = z.strictObject({})
const readMs = 5_000
const patienceMs = 5_000
const secondMs = 1_000
const pauseMs = 50

const values = `select name, setting from pg_settings`
const pending = `select name from pg_settings where pending_restart order by name`
const grant = "GRANT EXECUTE ON FUNCTION pg_reload_conf() TO the agent's role for commands"

export const reload: Action<z.infer<typeof args>> = {
  kind: 'reload',
  what: 'have PostgreSQL read its configuration files again',
  risk: 'change',
  target: 'server',
  args,
  deadlineMs: 30_000,
  examples: ['run reload -c pg-main', 'run reload -n pg-main-1 --dry-run'],
  async plan(context) {
    const session = await context.session()
    const found = await readFileSettings(session)
    const waiting = await session.read({ text: pending }, readMs)
    const names = waiting.rows.flat()
    return [
      'runs: pg_reload_conf(), which reads postgresql.conf, what it includes, and pg_hba.conf and pg_ident.conf',
      ...(found === undefined
        ? [`which settings would change cannot be told to this role; it takes: ${grantToReadFiles}`]
        : [
            ...(found.errors.length > 0
              ? ['the files have errors, and nothing of them may be taken over:']
              : []),
            ...found.errors,
            ...(found.changes.length > 0 ? found.changes : ['no setting would change']),
            ...(found.own.length > 0
              ? [`cannot be told, as the agent's session sets its own: ${found.own.join(', ')}`]
              : []),
          ]),
      ...(names.length > 0 ? [`waiting for a restart already: ${names.join(', ')}`] : []),
    ]
  },
  async run(context) {
    const session = await context.session()
    // Both over the same connection, as each process of the server takes the files over for itself.
    const before = await session.read({ text: values }, readMs)
    const loaded = await session.read({ text: loadTime }, readMs)
    const { rows } = await session
      .change({ text: 'select pg_reload_conf()' }, { timeoutMs: readMs, signal: context.signal })
      .catch((error: unknown) => {
        throw serverRefusal(error, grant)
      })
    if (rows[0]?.[0] !== 't')
      throw new PgherdError('INTERNAL', 'PostgreSQL could not signal its own postmaster.')
    const { clock, signal } = context
    const untilMs = clock.monotonic() + patienceMs
    for (;;) {
      const now = await session.read({ text: loadTime }, readMs)
      if (now.rows[0]?.[0] !== loaded.rows[0]?.[0]) break
      const leftMs = untilMs - clock.monotonic()
      const errors = leftMs < patienceMs - secondMs ? ((await readFileSettings(session))?.errors ?? []) : []
      if (leftMs <= 0 || errors.length > 0 || signal.aborted) {
        const why = errors.length > 0 ? errors.join('; ') : 'its log tells why'
        throw new PgherdError('BAD_DATA', `PostgreSQL has not taken the files over: ${why}`)
      }
      await clock.sleep(pauseMs, signal)
    }
    const after = await session.read({ text: values }, readMs)
    return changed(new Map(before.rows.map(pair)), new Map(after.rows.map(pair)))
  },
  async verify(context) {
    const session = await context.session()
    const { rows } = await session.read({ text: pending }, readMs)
    const errors = (await readFileSettings(session))?.errors ?? []
    const names = rows.flat()
    return [
      'the server has read its files',
      ...errors.map((line) => `error: ${line}`),
      names.length === 0 ? 'nothing waits for a restart' : `waiting for a restart: ${names.join(', ')}`,
    ]
  },
}

/** Of this very process. */
const loadTime = 'select pg_conf_load_time()'

function pair(row: readonly (string | null)[]): readonly [string, string] {
  return [row[0] ?? '', row[1] ?? '']
}

function changed(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): { readonly message: string; readonly output: readonly ActionOutput[] } {
  const rows = [...after]
    .filter(([name, value]) => before.get(name) !== value)
    .map(([name, value]) => [name, shortText(before.get(name) ?? ''), shortText(value)])
  const message = `PostgreSQL has read its files; ${rows.length === 0 ? 'no setting' : rows.length === 1 ? 'one setting' : `${rows.length} settings`} changed.`
  if (rows.length === 0) return { message, output: [] }
  const columns = ['setting', 'before', 'after'].map((name) => ({ name, align: 'left' as const }))
  return { message, output: [{ type: 'table', title: 'Changed', columns, rows, truncated: false }] }
}
