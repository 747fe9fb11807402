import type { ClusterView } from '../../../common/health/cluster-view.ts'
import type { Level } from '../fleet/level.ts'

const levels: Readonly<Record<ClusterView['status'], Level>> = {
  healthy: 'ok',
  degraded: 'warning',
  unknown: 'unknown',
  critical: 'critical',
}

export function clusterLevel({ status }: ClusterView): Level {
  return levels[status]
}

/** How a cluster is in one sentence: the worst judgement, and how many more there are. */
export function clusterWords({ judgements, status }: ClusterView): string {
  const bad = judgements.filter(({ severity }) => severity !== 'ok')
  const [worst] = bad
  if (worst === undefined) return judgements[0]?.reason ?? status
  return bad.length === 1 ? worst.reason : `${worst.reason}; and ${bad.length - 1} more`
}
