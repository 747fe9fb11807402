import { z } from 'zod'
import { PgherdError } from '../../../common/errors.ts'
import type { Action, ActionContext, ActionDone } from '../action.ts'
import { serverRefusal } from '../server-refusal.ts'
import { findTable, tableArgs, untilCounted } from '../table-target.ts'
import type { FoundTable } from '../table-target.ts'
import { whileLooking } from '../while-looking.ts'

const args = z.strictObject({
  ...tableArgs,
  analyze: z.boolean().default(false).describe('also collect statistics for the planner'),
  freeze: z.boolean().default(false).describe('freeze all rows, which writes more'),
  truncate: z
    .boolean()
    .default(false)
    .describe('give empty pages at the end back to the disk, for which it locks the table for a moment'),
})
type Args = z.infer<typeof args>

/** The command's own deadline ends it earlier. */
const dayMs = 86_400_000
const grant = 'to own the table or the database, or (since 17) GRANT MAINTAIN or pg_maintain'

const progressOf = `
select phase, round(100.0 * heap_blks_scanned / nullif(heap_blks_total, 0), 1), index_vacuum_count
  from pg_stat_progress_vacuum
 where pid = $1::int`

export const vacuum: Action<Args> = {
  kind: 'vacuum',
  what: 'vacuum one table; never FULL, and it waits for no lock',
  risk: 'change',
  target: 'server',
  args,
  deadlineMs: 6 * 3_600_000,
  examples: [
    'run vacuum -n pg-main-1 table=public.orders database=shop',
    'run vacuum -n pg-main-1 table=public.orders analyze=true freeze=true',
  ],
  async plan(context, given) {
    const found = await vacuumable(context, given)
    return [
      `runs: ${statementFor(found, given)}`,
      ...found.lines,
      'skips the table when another session holds a lock that it needs; writes go on meanwhile',
      ...(given.truncate ? ['may lock the table for a moment at its end, unless others use it'] : []),
      ...(found.isAllowed ? [] : [`this role may not be allowed to; it takes: ${grant}`]),
    ]
  },
  async run(context, given): Promise<ActionDone> {
    const found = await vacuumable(context, given)
    const statement = statementFor(found, given)
    const server = await context.session()
    const { rows } = await found.session.read({ text: 'select pg_backend_pid()' }, lookMs)
    const pid = rows[0]?.[0] ?? '0'
    const work = found.session.change({ text: statement }, { timeoutMs: dayMs, signal: context.signal })
    const done = await whileLooking(context, work, async () => {
      const progress = await server.read({ text: progressOf, values: [pid] }, lookMs)
      const [phase, percent, rounds] = progress.rows[0] ?? []
      if (phase == null) return
      const indexes = Number(rounds) > 0 ? `, ${rounds} rounds over the indexes done` : ''
      context.progress(percent == null ? null : Number(percent), `${phase}${indexes}`)
    }).catch((error: unknown) => {
      throw serverRefusal(error, grant)
    })
    return doneWith(`Vacuumed ${found.sql} in ${(done.elapsedMs / 1000).toFixed(1)} s.`, found, done.notices)
  },
  verify: (context, given, done) =>
    untilCounted(context, given, done, {
      isDone: ({ vacuums }) => vacuums > (done.countedBefore ?? 0),
      what: 'vacuumed',
    }),
}

const lookMs = 2_000

async function vacuumable(context: ActionContext, given: Args): Promise<FoundTable> {
  const found = await findTable(context, given)
  if (found.kind === 'r' || found.kind === 'm') return found
  const kind = found.kind === 'p' ? 'is partitioned: vacuum its partitions' : 'is no table'
  throw new PgherdError('BAD_REQUEST', `${found.sql} ${kind}`)
}

function statementFor({ sql }: FoundTable, { analyze, freeze, truncate }: Args): string {
  const options = [
    'skip_locked',
    `truncate ${truncate ? 'on' : 'off'}`,
    ...(analyze ? ['analyze'] : []),
    ...(freeze ? ['freeze'] : []),
  ]
  return `vacuum (${options.join(', ')}) ${sql}`
}

function doneWith(message: string, { counts }: FoundTable, notices: readonly string[]): ActionDone {
  const said =
    notices.length === 0 ? [] : [{ type: 'text' as const, title: 'The server', lines: [...notices] }]
  return { message, output: said, countedBefore: counts.vacuums }
}
