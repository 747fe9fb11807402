import { column, columnCount, keyBytes } from '../../../../agent/insight/statements/counters-query.ts'
import type { Look } from '../../../../agent/insight/statements/look.ts'
import type { SampleTable } from '../../../../common/series/sample-table.ts'

export interface StatementRow extends Partial<Readonly<Record<keyof typeof column, number>>> {
  readonly userid?: number
  readonly dbid?: number
  readonly queryid: number
  readonly toplevel?: boolean
}

/** A look as the server would give it; times of statements in milliseconds. */
export function lookOf(
  takenAt: number,
  rows: readonly StatementRow[],
  facts: Partial<Pick<Look, 'startedAt' | 'resetAt' | 'evictions'>> = {},
): Look {
  const keys = Buffer.alloc(rows.length * keyBytes)
  const values = Array.from({ length: columnCount }, () => new Float64Array(rows.length))
  for (const [i, row] of rows.entries()) {
    const { userid = 10, dbid = 5, queryid, toplevel = true } = row
    keys.writeUInt32BE(userid, i * keyBytes)
    keys.writeUInt32BE(dbid, i * keyBytes + 4)
    keys.writeBigInt64BE(BigInt(queryid), i * keyBytes + 8)
    keys[i * keyBytes + 16] = toplevel ? 1 : 0
    for (const [name, at] of Object.entries(column)) {
      values[at]![i] = row[name as keyof typeof column] ?? 0
    }
  }
  return { takenAt, startedAt: 1, resetAt: 1, evictions: 0, ...facts, count: rows.length, keys, values }
}

/** So many calls of the same length, in milliseconds. */
export function calls(count: number, ms = 1): Partial<StatementRow> {
  return { calls: count, time: count * ms, min: ms, max: ms }
}

/** `name{label=value}` with its value. */
export function samplesOf(tables: readonly SampleTable[]): Readonly<Record<string, number>> {
  const out: Record<string, number> = {}
  for (const { metrics, labelNames, rows } of tables) {
    for (const { labels, values } of rows) {
      const text = labelNames.map((name, i) => `${name}=${labels[i]!}`).join(',')
      for (const [i, value] of values.entries()) {
        if (value !== undefined) out[text === '' ? metrics[i]! : `${metrics[i]!}{${text}}`] = value
      }
    }
  }
  return out
}
