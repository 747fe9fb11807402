import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus'
import { bothWays } from '../kit/long-ranges.ts'
import type { Query } from '../kit/panel.ts'
import { datasource } from './datasource.ts'

/** `A`, `B`, ... as Grafana names queries. */
export function refIdOf(index: number): string {
  return String.fromCharCode(65 + index)
}

/** Queries whose values are asked over the whole range, those over long ranges each after the one in whose place they are. */
export function rangeTargets(queries: readonly Query[]): DataqueryBuilder[] {
  return queries.flatMap(bothWays).map(({ expr, legend, step }, index) => {
    const target = new DataqueryBuilder()
      .datasource(datasource)
      .refId(refIdOf(index))
      .expr(expr)
      .range()
      .legendFormat(legend ?? '')
    return step === undefined ? target : target.interval(step)
  })
}

/** A query whose newest values are asked. */
export function instantTargets(queries: readonly Query[]): DataqueryBuilder[] {
  return queries.map(({ expr, legend }, index) =>
    new DataqueryBuilder()
      .datasource(datasource)
      .refId(refIdOf(index))
      .expr(expr)
      .instant()
      .legendFormat(legend ?? ''),
  )
}

/** A query whose newest values are rows, a column for each label. */
export function tableTargets(expressions: readonly string[]): DataqueryBuilder[] {
  return instantTargets(expressions.map((expr) => ({ expr }))).map((target) =>
    target.format(PromQueryFormat.Table),
  )
}
