import type { ClusterView } from '../../common/health/cluster-view.ts'
import { printBytes, printSeconds } from './print-figures.ts'
import { isSynchronous, lagOf } from './situation.ts'
import type { Situation } from './situation.ts'

/** Bytes of log that a failover now would lose: what the best candidate has not received, nothing where commits wait for it. */
export function recoveryPoint(
  { primary, members, settings }: Situation,
  candidates: readonly string[],
): ClusterView['recoveryPoint'] {
  if (primary === undefined) return { value: null, how: 'the primary is not known' }
  const able = members.filter(({ server }) => candidates.includes(server))
  if (able.length === 0)
    return { value: null, how: 'no standby could take over, so that nothing bounds the loss' }
  const mode = settings?.synchronousMode ?? 'off'
  const sync = able.filter((member) => isSynchronous(primary, member))
  if (sync.length > 0 && mode !== 'off') {
    return {
      value: 0,
      how: `synchronous mode: ${sync.map(({ server }) => server).join(', ')} has every acknowledged commit`,
    }
  }
  const lags = able
    .map((member) => ({ server: member.server, lag: lagOf(primary, member, 'received') }))
    .filter((one): one is { server: string; lag: number } => one.lag !== null)
  const best = lags.reduce<(typeof lags)[number] | undefined>(
    (least, one) => (least === undefined || one.lag < least.lag ? one : least),
    undefined,
  )
  if (best === undefined) return { value: null, how: 'no lag is known' }
  const bound = settings?.maximumLagOnFailoverBytes ?? null
  const atMost =
    bound === null ? '' : `; Patroni promotes nobody who is more than ${printBytes(bound)} behind`
  return { value: best.lag, how: `what ${best.server} had not received when it was seen last${atMost}` }
}

/**
 * Seconds without writes. A host that is lost: Patroni waits until the leader key has expired (ttl), and another member
 * sees that in its next cycle (loop_wait), as
 * https://patroni.readthedocs.io/en/latest/dynamic_configuration.html describes them; the promotion itself comes on top. What was really
 * seen counts when it took longer.
 */
export function recoveryTime({ settings, history, isPatroni }: Situation): ClusterView['recoveryTime'] {
  const seen = history.failovers
  const longestMs = seen.length === 0 ? null : Math.max(...seen.map(({ durationMs }) => durationMs))
  const ttl = settings?.ttlSeconds ?? null
  const loopWait = settings?.loopWaitSeconds ?? null
  const told = ttl === null || loopWait === null ? null : ttl + loopWait
  const measured =
    longestMs === null
      ? 'no failover was seen yet'
      : `${seen.length} failover${seen.length === 1 ? '' : 's'} seen, the longest of ${printSeconds(longestMs)}`
  if (told === null) {
    if (longestMs !== null) return { value: longestMs / 1000, how: measured }
    return {
      value: null,
      how: isPatroni ? `Patroni's settings are not known, and ${measured}` : 'nobody fails over by itself',
    }
  }
  const start = settings?.primaryStartTimeoutSeconds ?? null
  const crash =
    start === null || loopWait === null
      ? ''
      : `; a server that crashes and does not start again may take up to ${start + 2 * loopWait} s (primary_start_timeout + 2 loop_wait)`
  const retry = settings?.retryTimeoutSeconds ?? null
  const away =
    retry === null ? '' : `; a primary that does not reach etcd demotes itself after retry_timeout ${retry} s`
  return {
    value: Math.max(told, (longestMs ?? 0) / 1000),
    how: `ttl ${ttl} s + loop_wait ${loopWait} s when the host is lost; ${measured}${crash}${away}`,
  }
}
