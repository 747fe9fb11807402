import { clusterView } from '../../common/health/cluster-view.ts'
import type { ClusterView } from '../../common/health/cluster-view.ts'
import { labelSet } from '../../common/series/label-set.ts'
import type { LabelSet } from '../../common/series/label-set.ts'

export interface ClusterSample {
  readonly labels: LabelSet
  readonly value: number
}

const statuses = clusterView.shape.status.options

/** What views of one cluster leave in the store. */
export interface ClusterSeries {
  samples(view: ClusterView): readonly ClusterSample[]
  /** @param atMs when it happened, milliseconds since the epoch */
  noteEvent(type: string, server: string, atMs: number): void
}

/**
 * A judgement that has ended goes on as 0, so that its alert ends with it. The time of the last event of each kind is in
 * milliseconds, as Grafana's annotations take it ("series value as timestamp").
 */
export function createClusterSeries(cluster: string): ClusterSeries {
  const judged = new Map<string, { readonly code: string; readonly severity: string }>()
  const events = new Map<string, { readonly type: string; readonly ins: string; readonly atMs: number }>()
  const of = (name: string, value: number, more: Readonly<Record<string, string>> = {}): ClusterSample => ({
    labels: labelSet({ __name__: name, cls: cluster, ...more }),
    value,
  })
  return {
    samples({ status, members, judgements, failover, recoveryPoint, recoveryTime }) {
      for (const { code, severity } of judgements) judged.set(`${code} ${severity}`, { code, severity })
      const count = (role: string): number => members.filter((member) => member.role === role).length
      return [
        ...statuses.map((one) => of('pgherd_cluster_status', one === status ? 1 : 0, { status: one })),
        of('pgherd_cluster_primaries', count('primary')),
        of('pgherd_cluster_standbys', count('standby')),
        of('pgherd_cluster_members', members.length),
        of('pgherd_cluster_members_unknown', members.filter(({ isStale }) => isStale).length),
        ...(failover.isSafe === null ? [] : [of('pgherd_cluster_failover_safe', failover.isSafe ? 1 : 0)]),
        ...(recoveryPoint.value === null
          ? []
          : [of('pgherd_cluster_recovery_point_bytes', recoveryPoint.value)]),
        ...(recoveryTime.value === null
          ? []
          : [of('pgherd_cluster_recovery_time_seconds', recoveryTime.value)]),
        ...[...judged.values()].map(({ code, severity }) => {
          const found = judgements.filter((one) => one.code === code && one.severity === severity)
          const about = new Set(found.flatMap((one) => one.members)).size
          return of('pgherd_cluster_judgement', found.length === 0 ? 0 : Math.max(1, about), {
            code,
            severity,
          })
        }),
        ...[...events.values()].map(({ type, ins, atMs }) =>
          of('pgherd_cluster_event_time_ms', atMs, { type, ins }),
        ),
      ]
    },
    noteEvent(type, server, atMs) {
      const key = `${type} ${server}`
      // The newest stay when there are many.
      events.delete(key)
      if (events.size >= maxEventSeries) events.delete(events.keys().next().value ?? '')
      events.set(key, { type, ins: server, atMs })
    },
  }
}

/** Of one cluster: kinds of events times its members, past and present. */
const maxEventSeries = 200
