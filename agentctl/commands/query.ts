import type { Command } from 'commander'
import { z } from 'zod'
import type { CliContext } from '../context.ts'
import { present } from '../present.ts'
import type { Sheet } from '../present.ts'
import { printable } from '../terminal.ts'

const point = z.tuple([z.number(), z.string()])
const labels = z.record(z.string(), z.string())
const answer = z.object({
  status: z.literal('success'),
  data: z.discriminatedUnion('resultType', [
    z.object({ resultType: z.literal('scalar'), result: point }),
    z.object({ resultType: z.literal('string'), result: point }),
    z.object({
      resultType: z.literal('vector'),
      result: z.array(z.object({ metric: labels, value: point })),
    }),
    z.object({
      resultType: z.literal('matrix'),
      result: z.array(z.object({ metric: labels, values: z.array(point) })),
    }),
  ]),
  warnings: z.array(z.string()).optional(),
})
type Answer = z.infer<typeof answer>

/** `agentctl query EXPR`: one PromQL expression at one time, as a table or as the API's JSON. */
export function addQuery(program: Command, context: CliContext): void {
  program
    .command('query')
    .description('evaluate a PromQL expression once and print the result')
    .argument('<expr>', "the expression, such as 'up == 0'")
    .option('--at <time>', 'evaluate at this time (RFC 3339 or unix seconds) instead of now')
    .addHelpText(
      'after',
      `
Examples:
  agentctl query 'up == 0'
  agentctl query 'topk(5, rate(pg_db_xact_commit[1m]))'
  agentctl -o json query --at 2026-11-27T03:00:00Z 'pg_lag > 1'

Exit status: 0 done, 1 it could not be computed, 2 it does not parse, 3 refused, 4 unreachable, 5 timed out.`,
    )
    .action(async (expression: string, { at }: { at?: string }) => {
      const form = { query: expression, ...(at === undefined ? {} : { time: at }) }
      const result = await context.client().call('POST', '/api/v1/query', answer, { form })
      // Not the infos: pg_exporter's counters do not end in _total, and every rate() over them would remark it.
      for (const warning of result.warnings ?? []) context.warn(warning)
      const { data } = result
      if (context.format() === 'table' && (data.resultType === 'scalar' || data.resultType === 'string')) {
        context.terminal.print(printable(data.result[1]))
      } else present(context, { ...sheetOf(data), data, nothing: 'no series match' })
    })
}

function sheetOf(data: Answer['data']): Pick<Sheet, 'columns' | 'rows'> {
  switch (data.resultType) {
    case 'scalar':
    case 'string':
      return { columns: [{ title: 'VALUE' }], rows: [[data.result[1]]] }
    case 'vector':
      return labelSheet(
        data.result.map(({ metric, value }) => ({ metric, cells: [printNumber(value[1])] })),
        ['VALUE'],
      )
    case 'matrix':
      return labelSheet(
        data.result.flatMap(({ metric, values }) =>
          values.map(([at, value]) => ({ metric, cells: [printTime(at), printNumber(value)] })),
        ),
        ['TIME', 'VALUE'],
      )
  }
}

/** One column per label that occurs, the metric's name first. */
function labelSheet(
  rows: readonly { metric: Readonly<Record<string, string>>; cells: readonly string[] }[],
  titles: readonly string[],
): Pick<Sheet, 'columns' | 'rows'> {
  const names = [...new Set(rows.flatMap(({ metric }) => Object.keys(metric)))].sort((a, b) =>
    a === '__name__' ? -1 : b === '__name__' ? 1 : a < b ? -1 : 1,
  )
  return {
    columns: [
      ...names.map((name) => ({ title: name === '__name__' ? 'METRIC' : name.toUpperCase() })),
      ...titles.map((title) => ({ title, align: 'right' as const })),
    ],
    rows: rows.map(({ metric, cells }) => [...names.map((name) => metric[name] ?? ''), ...cells]),
  }
}

/** Seven significant digits are enough for eyes; -o json has them all. */
function printNumber(text: string): string {
  const value = Number(text)
  if (!Number.isFinite(value) || Number.isInteger(value)) return text
  return String(Number(value.toPrecision(7)))
}

function printTime(seconds: number): string {
  return new Date(seconds * 1000)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.000Z$|Z$/, '')
}
