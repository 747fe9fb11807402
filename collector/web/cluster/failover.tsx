import type { JSX } from 'preact'
import type { ClusterView } from '../../../common/health/cluster-view.ts'
import { formatValue } from '../format/units.ts'
import { CopyLine } from '../parts/copy-line.tsx'
import { LevelMark } from '../parts/level-mark.tsx'

/** What a failover would cost, and how to ask for a switch in peace. */
export function Failover({ view }: { readonly view: ClusterView }): JSX.Element {
  const { failover, recoveryPoint, recoveryTime, cluster, managedBy } = view
  const [candidate] = failover.candidates
  return (
    <div class="failover">
      <p class="failover-verdict">
        <LevelMark level={failover.isSafe === null ? 'unknown' : failover.isSafe ? 'ok' : 'warning'} />
        {failover.isSafe === null
          ? 'Nobody can tell while the primary is not known.'
          : failover.isSafe
            ? managedBy === 'patroni'
              ? `${failover.candidates.join(' or ')} would take over.`
              : `${failover.candidates.join(' or ')} could be promoted by hand.`
            : 'A failover would not be safe.'}
      </p>
      {failover.reasons.length > 0 && (
        <ul class="plain-list">
          {failover.reasons.map((reason) => (
            <li key={reason}>{reason}</li>
          ))}
        </ul>
      )}
      <dl class="pairs">
        <dt>Log that would be lost</dt>
        <dd>
          {recoveryPoint.value === null ? 'without bound' : formatValue(recoveryPoint.value, 'bytes')}
          <span class="soft"> {recoveryPoint.how}</span>
        </dd>
        <dt>Time without writes</dt>
        <dd>
          {recoveryTime.value === null ? 'without bound' : formatValue(recoveryTime.value, 'seconds')}
          <span class="soft"> {recoveryTime.how}</span>
        </dd>
      </dl>
      {managedBy === 'patroni' && candidate !== undefined && (
        <>
          <p class="soft">A switch in peace is a signed command:</p>
          <CopyLine text={`agentctl ha switchover ${cluster} ${candidate} --reason ''`} />
        </>
      )}
    </div>
  )
}
