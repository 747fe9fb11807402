import type { QueryFigures, QuerySort } from '../../../common/insight/queries-view.ts'

/** What a list is ordered by; less than anything else where it is not known. */
export function measureOf(figures: QueryFigures, sort: QuerySort): number {
  switch (sort) {
    case 'time':
      return figures.timeSeconds
    case 'calls':
      return figures.calls
    case 'mean':
      return figures.meanSeconds ?? -1
    case 'p50':
    case 'p95':
    case 'p99':
      return figures[sort]?.value ?? -1
    case 'rows':
      return figures.rows
    case 'io':
      return figures.ioSeconds
    case 'wal':
      return figures.walBytes
    case 'temp':
      return figures.tempBytes
    case 'blocks':
      return figures.blocksHit + figures.blocksRead
  }
}
