import type { ClusterView, Judgement, JudgementCode } from '../../common/health/cluster-view.ts'
import { judgementCode } from '../../common/health/cluster-view.ts'
import type { Judged } from './judge-cluster.ts'

/** What passes within so many milliseconds in every switchover is not told. */
const holdMs: Partial<Record<JudgementCode, number>> = {
  'role-disagrees': 2_000,
  'replica-broken': 2_000,
  'replica-diverged': 5_000,
  'failover-unsafe': 2_000,
  'setting-drift': 15_000,
}

/** Since when each judgement of one cluster stands. */
export interface Standing {
  /** The view with the judgements that stand long enough, the worst first. */
  view(judged: Judged, nowMs: number): ClusterView
  /** Something waits for its time, so that the cluster has to be looked at again. */
  readonly isPending: boolean
}

export function createStanding(): Standing {
  let since = new Map<string, number>()
  let isPending = false
  return {
    get isPending() {
      return isPending
    },
    view({ findings, ...judged }, nowMs) {
      const next = new Map<string, number>()
      isPending = false
      const judgements: Judgement[] = []
      for (const { sinceMs: saidMs, ...finding } of findings) {
        const key = `${finding.code} ${finding.members.join(' ')}`
        const firstMs = Math.min(nowMs, since.get(key) ?? nowMs)
        next.set(key, firstMs)
        if (nowMs - firstMs < (holdMs[finding.code] ?? 0)) isPending = true
        else judgements.push({ ...finding, sinceMs: Math.round(Math.min(firstMs, saidMs ?? firstMs)) })
      }
      since = next
      judgements.sort(worstFirst)
      return { ...judged, status: statusOf(judgements), judgements }
    },
  }
}

const severities = ['critical', 'warning', 'ok']

function worstFirst(a: Judgement, b: Judgement): number {
  return (
    severities.indexOf(a.severity) - severities.indexOf(b.severity) ||
    judgementCode.options.indexOf(a.code) - judgementCode.options.indexOf(b.code)
  )
}

/** Something critical that is proven counts more than what is not known, and that more than a warning. */
function statusOf(judgements: readonly Judgement[]): ClusterView['status'] {
  if (judgements.some(({ severity }) => severity === 'critical')) return 'critical'
  if (judgements.some(({ code }) => code === 'unknown')) return 'unknown'
  return judgements.some(({ severity }) => severity === 'warning') ? 'degraded' : 'healthy'
}
