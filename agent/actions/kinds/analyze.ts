import { z } from 'zod'
import { PgherdError } from '../../../common/errors.ts'
import type { Action, ActionContext } from '../action.ts'
import { serverRefusal } from '../server-refusal.ts'
import { findTable, tableArgs, untilCounted } from '../table-target.ts'
import type { FoundTable, TableTarget } from '../table-target.ts'
import { whileLooking } from '../while-looking.ts'

const args = z.strictObject(tableArgs)

/** The command's own deadline ends it earlier. */
const dayMs = 86_400_000
const lookMs = 2_000
const grant = 'to own the table or the database, or (since 17) GRANT MAINTAIN or pg_maintain'

const progressOf = `
select phase, round(100.0 * sample_blks_scanned / nullif(sample_blks_total, 0), 1)
  from pg_stat_progress_analyze
 where pid = $1::int`

export const analyze: Action<z.infer<typeof args>> = {
  kind: 'analyze',
  what: "collect one table's statistics for the planner; it waits for no lock",
  risk: 'change',
  target: 'server',
  args,
  deadlineMs: 3_600_000,
  examples: ['run analyze -n pg-main-1 table=public.orders database=shop'],
  async plan(context, given) {
    const found = await analyzable(context, given)
    return [
      `runs: ${statementFor(found)}`,
      ...found.lines,
      'skips the table when another session holds a lock that it needs; plans may change after it',
      ...(found.isAllowed ? [] : [`this role may not be allowed to; it takes: ${grant}`]),
    ]
  },
  async run(context, given) {
    const found = await analyzable(context, given)
    const server = await context.session()
    const { rows } = await found.session.read({ text: 'select pg_backend_pid()' }, lookMs)
    const pid = rows[0]?.[0] ?? '0'
    const change = { timeoutMs: dayMs, signal: context.signal }
    const work = found.session.change({ text: statementFor(found) }, change)
    const { elapsedMs, notices } = await whileLooking(context, work, async () => {
      const progress = await server.read({ text: progressOf, values: [pid] }, lookMs)
      const [phase, percent] = progress.rows[0] ?? []
      if (phase != null) context.progress(percent == null ? null : Number(percent), phase)
    }).catch((error: unknown) => {
      throw serverRefusal(error, grant)
    })
    return {
      message: `Analyzed ${found.sql} in ${(elapsedMs / 1000).toFixed(1)} s.`,
      output: notices.length === 0 ? [] : [{ type: 'text', title: 'The server', lines: [...notices] }],
      countedBefore: found.counts.analyzes,
    }
  },
  verify(context, given, done) {
    const before = done.countedBefore ?? 0
    return untilCounted(context, given, done, {
      isDone: ({ analyzes }) => analyzes > before,
      what: 'analyzed',
    })
  },
}

async function analyzable(context: ActionContext, given: TableTarget): Promise<FoundTable> {
  const found = await findTable(context, given)
  if (['r', 'm', 'p', 'f'].includes(found.kind)) return found
  throw new PgherdError('BAD_REQUEST', `${found.sql} is no table`)
}

function statementFor({ sql }: FoundTable): string {
  return `analyze (skip_locked) ${sql}`
}
