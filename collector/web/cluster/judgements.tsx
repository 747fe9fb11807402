import type { JSX } from 'preact'
import type { Judgement } from '../../../common/health/cluster-view.ts'
import { formatDateTime } from '../format/time.ts'
import { formatSeconds } from '../format/units.ts'
import { LevelMark } from '../parts/level-mark.tsx'

/** What is said of a cluster, each with its reason and since when. */
export function Judgements({
  judgements,
  nowMs,
}: {
  readonly judgements: readonly Judgement[]
  readonly nowMs: number
}): JSX.Element {
  return (
    <ul class="judgements">
      {judgements.map(({ code, severity, reason, members, sinceMs }) => (
        <li
          key={`${code} ${members.join()}`}
          class={`judgement-item level-${severity}`}
          data-judgement={code}
        >
          <LevelMark level={severity} />
          <div>
            <p>{reason}</p>
            <p class="soft">
              {code}
              {members.length > 0 && ` · ${members.join(', ')}`} · for{' '}
              <time dateTime={new Date(sinceMs).toISOString()} title={formatDateTime(sinceMs)}>
                {formatSeconds(Math.max(0, Math.floor((nowMs - sinceMs) / 1000)))}
              </time>
            </p>
          </div>
        </li>
      ))}
    </ul>
  )
}
