import { z } from 'zod'
import { PgherdError } from '../../../common/errors.ts'
import type { Action } from '../action.ts'
import { indexArgs } from '../indexes/find-index.ts'
import { findHypopg } from '../indexes/hypopg.ts'
import { askedIndex } from '../indexes/index-session.ts'
import { tableNameOf } from '../indexes/table-name.ts'
import { ratioOf, whatIf, whatIfTable } from '../indexes/what-if.ts'

const args = z.strictObject({
  ...indexArgs,
  limit: z.int().min(1).max(200).default(30).describe('statements, those that took most time in all'),
  trust_functions: z
    .boolean()
    .default(false)
    .describe(
      "as a superuser, too: planning a statement runs functions of the database with this role's rights",
    ),
})

/** Below, the planner only chooses between plans that cost the same. */
const worthTelling = 1.05

export const indexWhatif: Action<z.infer<typeof args>> = {
  kind: 'index-whatif',
  what: 'what statements would cost without an index, as the planner thinks, by HypoPG',
  risk: 'read',
  target: 'server',
  args,
  deadlineMs: 300_000,
  examples: ['run index-whatif -n pg-main-1 index=public.orders_note_idx database=shop'],
  async plan(context, asked) {
    const { index } = await askedIndex(context, asked)
    const hypopg = await findHypopg(index.session)
    return [
      hypopg.isUsable
        ? `plans at most ${asked.limit} statements that name ${index.table}, with ${index.sql} and with it hidden by HypoPG ${hypopg.version}; runs none of them`
        : `cannot be told: ${hypopg.why}`,
    ]
  },
  async run(context, asked) {
    const { index } = await askedIndex(context, asked)
    const hypopg = await findHypopg(index.session)
    if (!hypopg.isUsable) throw new PgherdError('NOT_SUPPORTED', hypopg.why)
    if (index.isSuperuser && !asked.trust_functions) {
      throw new PgherdError(
        'REFUSED',
        'this role is a superuser, and planning a statement runs functions of the database with its rights: it takes a role with pg_read_all_data and no more, or trust_functions=true',
      )
    }
    const found = await whatIf(index, hypopg, {
      ...{ limit: asked.limit, tableName: tableNameOf(index.table), signal: context.signal },
    })
    const worse = found.filter((one) => ratioOf(one) >= worthTelling)
    const unknown = found.filter(({ costs }) => typeof costs === 'string').length
    const said =
      found.length === 0
        ? `no statement that only reads and names ${index.table} is known`
        : `${worse.length} of ${found.length} statements would cost more without it${unknown === 0 ? '' : `, and ${unknown} could not be planned`}`
    return {
      message: `${index.sql}: ${said}. That is what the planner thinks on this server, and no measurement.`,
      output: [whatIfTable(found)],
    }
  },
}
