import { expect } from 'vitest'
import type { SampleTable } from '../../../common/series/sample-table.ts'

/**
 * Samples by name and label values: `node_cpu_seconds_total{0,user}`. Label names must be sorted, each series must be
 * there once, and every value must be a finite number.
 */
export function samples(tables: readonly SampleTable[]): Readonly<Record<string, number>> {
  const out: Record<string, number> = {}
  for (const { metrics, labelNames, rows } of tables) {
    expect(labelNames).toEqual([...labelNames].sort())
    for (const { labels, values } of rows) {
      expect(labels).toHaveLength(labelNames.length)
      expect(values.length).toBeLessThanOrEqual(metrics.length)
      for (const [i, value] of values.entries()) {
        if (value === undefined) continue
        const series = `${metrics[i]!}${labels.length === 0 ? '' : `{${labels.join()}}`}`
        expect(value, series).toSatisfy(Number.isFinite)
        expect(metrics[i]).toMatch(/^[a-zA-Z_:][\w:]*$/)
        expect(out, series).not.toHaveProperty([series])
        out[series] = value
      }
    }
  }
  return out
}
