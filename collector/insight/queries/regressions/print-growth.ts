import type { QueryRegression } from '../../../../common/insight/queries-view.ts'

/** `takes longer: p95 12 ms -> 480 ms`, behind the name of a statement. */
export function printGrowth({
  what,
  before,
  after,
}: Pick<QueryRegression, 'what' | 'before' | 'after'>): string {
  switch (what) {
    case 'p95':
      return `takes longer: p95 ${printSeconds(before)} -> ${printSeconds(after)}`
    case 'blocks':
      return `touches more blocks: ${printCount(before)} -> ${printCount(after)} per call`
    case 'rows':
      return `gives more rows: ${printCount(before)} -> ${printCount(after)} per call`
  }
}

function printSeconds(seconds: number): string {
  return seconds < 1 ? `${Number((seconds * 1000).toPrecision(3))} ms` : `${Number(seconds.toPrecision(3))} s`
}

function printCount(count: number): string {
  return count < 10 ? String(Number(count.toPrecision(2))) : String(Math.round(count))
}
