import { z } from 'zod'
import { PgherdError, messageOf } from '../../../common/errors.ts'
import { quoteIdentifier } from '../../postgres/quote-identifier.ts'
import { quoteLiteral } from '../../postgres/quote-literal.ts'
import type { ActionSession } from '../../postgres/action-session.ts'
import { shortText } from '../short-text.ts'
import { left, right } from '../output-table.ts'
import type { OutputTable } from '../output-table.ts'
import { lookMs } from './find-index.ts'
import type { FoundIndex } from './find-index.ts'
import type { Hypopg } from './hypopg.ts'
import { namesTable, statementsSchema } from './trial-sample.ts'

/** One statement as the planner would have it, with and without an index. */
export interface WhatIf {
  readonly query: string
  readonly text: string
  readonly calls: number
  /** Milliseconds. */
  readonly totalMs: number
  /** Cost with and without it; a sentence in place of both where the server could not plan the statement. */
  readonly costs: { readonly with: number; readonly without: number } | string
}

/** Statements that change nothing, by their time in all: for another one the role would need to be allowed to change. */
const statementsText = (schema: string): string => `
select queryid::text, min(query), sum(calls), sum(total_exec_time)
  from ${schema}.pg_stat_statements(true)
 where dbid = (select oid from pg_database where datname = current_database())
   and ${namesTable}
   and query ~* '^\\s*(select|with|values|table)\\M'
   and query not like '%;%'
 group by queryid
 order by 4 desc
 limit $2::bigint`

/**
 * Plans the statements that name an index's table and took most time, with it and without it. Nothing is run.
 * @param limit - of statements
 * @throws PgherdError NOT_SUPPORTED without pg_stat_statements, or of the session
 */
export async function whatIf(
  index: FoundIndex,
  hypopg: Extract<Hypopg, { isUsable: true }>,
  options: { readonly limit: number; readonly tableName: string; readonly signal: AbortSignal },
): Promise<readonly WhatIf[]> {
  const { session } = index
  const schema = await statementsSchema(session)
  if (schema === undefined) {
    throw new PgherdError(
      'NOT_SUPPORTED',
      'pg_stat_statements is not in this database, or this role is none of pg_monitor: no statement is known',
    )
  }
  const { rows } = await session.read(
    { text: statementsText(schema), values: [options.tableName, String(options.limit)] },
    lookMs,
  )
  const results: WhatIf[] = []
  const run = changer(session, options.signal)
  // Statements name their tables mostly without a schema.
  await run(
    `select set_config('search_path', ${quoteLiteral(`${quoteIdentifier(index.schema)}, public`)}, false),
            set_config('plan_cache_mode', 'force_generic_plan', false)`,
  )
  try {
    for (const [query, text, calls, totalMs] of rows) {
      if (text == null || query == null) continue
      const costs = await costsOf(text, index, hypopg, run)
      results.push({ query, text, calls: Number(calls), totalMs: Number(totalMs), costs })
    }
  } finally {
    const back = `select set_config('search_path', 'pg_catalog', false), set_config('plan_cache_mode', 'auto', false)`
    await run(back).catch(() => undefined)
  }
  return results
}

type Run = (text: string) => ReturnType<ActionSession['read']>

/** On the session's own connection, which `read` is not always: what is hidden is hidden there only. */
function changer(session: ActionSession, signal: AbortSignal): Run {
  return (text) => session.change({ text }, { timeoutMs: lookMs, signal })
}

async function costsOf(
  text: string,
  index: FoundIndex,
  { schema }: Extract<Hypopg, { isUsable: true }>,
  run: Run,
): Promise<WhatIf['costs']> {
  try {
    const before = await costOf(text, run)
    await run(`select ${schema}.hypopg_hide_index(${index.oid})`)
    try {
      return { with: before, without: await costOf(text, run) }
    } finally {
      await run(`select ${schema}.hypopg_unhide_index(${index.oid})`)
    }
  } catch (error) {
    return messageOf(error)
  }
}

const prepared = 'pgherd_what_if'

/**
 * The cost of a statement for whatever its parameters are. EXPLAIN (GENERIC_PLAN) of 16 does the same, but not in the protocol's extended mode,
 * where the server takes the parameters for EXPLAIN's own.
 */
async function costOf(text: string, run: Run): Promise<number> {
  await run(`prepare ${prepared} as ${text}`)
  try {
    const count = Math.max(0, ...[...text.matchAll(/\$(\d+)/g)].map(([, digits]) => Number(digits)))
    const values = count === 0 ? '' : `(${Array.from({ length: count }, () => 'null').join(', ')})`
    const { rows } = await run(`explain (format json) execute ${prepared}${values}`)
    return costIn(rows[0]?.[0])
  } finally {
    await run(`deallocate ${prepared}`)
  }
}

const plan = z.array(z.object({ Plan: z.object({ 'Total Cost': z.number() }) })).min(1)

function costIn(text: string | null | undefined): number {
  return plan.parse(JSON.parse(text ?? 'null'))[0]?.Plan['Total Cost'] ?? 0
}

/** Those that would cost most more first. */
export function whatIfTable(found: readonly WhatIf[]): OutputTable {
  const sorted = found.toSorted((a, b) => ratioOf(b) - ratioOf(a))
  return {
    type: 'table',
    title: 'Statements with and without it',
    columns: [
      right('ratio'),
      right('cost'),
      right('without'),
      right('calls'),
      right('total_ms'),
      left('statement'),
    ],
    rows: sorted.map((one) => {
      const { costs, calls, totalMs, text } = one
      const isKnown = typeof costs !== 'string'
      return [
        isKnown ? ratioOf(one).toFixed(2) : null,
        isKnown ? costs.with.toFixed(0) : null,
        isKnown ? costs.without.toFixed(0) : null,
        String(calls),
        totalMs.toFixed(0),
        isKnown ? shortText(text) : `${shortText(costs)}: ${shortText(text, 100)}`,
      ]
    }),
    truncated: false,
  }
}

/** How many times the cost without it; 1 where it is not used, or not known. */
export function ratioOf({ costs }: Pick<WhatIf, 'costs'>): number {
  return typeof costs === 'string' || costs.with <= 0 ? 1 : costs.without / costs.with
}
