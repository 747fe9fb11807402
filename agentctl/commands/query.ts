import { z } from 'zod'
import type { CollectorClient } from '../client.ts'
import { renderTable } from '../table.ts'
import { printable, printableJson } from '../terminal.ts'
import type { Terminal } from '../terminal.ts'

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
export async function query(
  client: CollectorClient,
  terminal: Terminal,
  options: { expression: string; at: string | undefined; json: boolean; warn: (line: string) => void },
): Promise<void> {
  const result = await client.call('POST', '/api/v1/query', answer, {
    query: options.expression,
    ...(options.at === undefined ? {} : { time: options.at }),
  })
  // Not the infos: pg_exporter's counters do not end in _total, and every rate() over them would remark it.
  for (const warning of result.warnings ?? []) options.warn(warning)
  if (options.json) terminal.print(printableJson(result.data))
  else for (const line of table(result.data, terminal.width)) terminal.print(line)
}

function table(data: Answer['data'], width: number): readonly string[] {
  switch (data.resultType) {
    case 'scalar':
    case 'string':
      return [printable(data.result[1])]
    case 'vector':
      return labelTable(
        data.result.map(({ metric, value }) => ({ metric, cells: [printNumber(value[1])] })),
        ['VALUE'],
        width,
      )
    case 'matrix':
      return labelTable(
        data.result.flatMap(({ metric, values }) =>
          values.map(([at, value]) => ({ metric, cells: [printTime(at), printNumber(value)] })),
        ),
        ['TIME', 'VALUE'],
        width,
      )
  }
}

/** One column per label that occurs, the metric's name first. */
function labelTable(
  rows: readonly { metric: Readonly<Record<string, string>>; cells: readonly string[] }[],
  titles: readonly string[],
  width: number,
): readonly string[] {
  if (rows.length === 0) return ['no series match']
  const names = [...new Set(rows.flatMap(({ metric }) => Object.keys(metric)))].sort((a, b) =>
    a === '__name__' ? -1 : b === '__name__' ? 1 : a < b ? -1 : 1,
  )
  const columns = [
    ...names.map((name) => ({ title: name === '__name__' ? 'METRIC' : name.toUpperCase() })),
    ...titles.map((title) => ({ title, align: 'right' as const })),
  ]
  return renderTable(
    columns,
    rows.map(({ metric, cells }) => [...names.map((name) => metric[name] ?? ''), ...cells]),
    width,
  )
}

/** Seven significant digits are enough for eyes; --json has them all. */
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
