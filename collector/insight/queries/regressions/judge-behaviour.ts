import type { QueryRegression } from '../../../../common/insight/queries-view.ts'
import type { Behaviour } from './behaviour.ts'

/** What has grown, and from what to what. */
export type Growth = Pick<QueryRegression, 'what' | 'before' | 'after'>

/** So many times as much, and so much more than before, is worse; below `until` times it is as before. */
interface Bound {
  readonly times: number
  readonly more: number
  readonly until: number
}

/**
 * A percentile is an estimate that is off by a quarter now and then, so twice of it is no chance. Blocks are counted: three times as many
 * come from another plan, or from a table that has grown by as much. Rows follow from parameters as well, and vary more.
 */
const bounds: Readonly<Record<QueryRegression['what'], Bound>> = {
  p95: { times: 2, more: 0.005, until: 1.5 },
  blocks: { times: 3, more: 64, until: 2 },
  rows: { times: 5, more: 100, until: 3 },
}

/** A rare outlier alone lifts what is estimated of the 95th percentile, and hardly the mean. */
const meanTimes = 1.3

/** What of the behaviour is worse than before; undefined where nothing is. The duration counts first: it is what people wait for. */
export function judgeBehaviour(before: Behaviour, now: Behaviour): Growth | undefined {
  return growthsOf(before, now).find(({ what, before: old, after }) => {
    const { times, more } = bounds[what]
    if (what === 'p95' && now.meanSeconds < before.meanSeconds * meanTimes) return false
    return after >= old * times && after - old >= more
  })
}

/** Whether what had grown is about as it was before. */
export function isAsBefore({ what, before: old }: Growth, before: Behaviour, now: Behaviour): boolean {
  const found = growthsOf(before, now).find((growth) => growth.what === what)
  return found === undefined || found.after < old * bounds[what].until
}

function growthsOf(before: Behaviour, now: Behaviour): readonly Growth[] {
  const duration: readonly Growth[] =
    before.p95Seconds === null || now.p95Seconds === null
      ? []
      : [{ what: 'p95', before: before.p95Seconds, after: now.p95Seconds }]
  return [
    ...duration,
    { what: 'blocks', before: before.blocksPerCall, after: now.blocksPerCall },
    { what: 'rows', before: before.rowsPerCall, after: now.rowsPerCall },
  ]
}
