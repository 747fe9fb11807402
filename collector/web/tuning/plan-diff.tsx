import type { JSX } from 'preact'
import type { Advice } from '../../../common/tuning/advice.ts'
import type { TunePlan } from '../../../common/tuning/tune-plan.ts'
import { differencesOf } from './difference.ts'
import type { Difference } from './difference.ts'
import { ColumnHeads } from '../parts/column-heads.tsx'

interface Properties {
  readonly advice: Advice | null
  readonly plan: TunePlan | null
}

const needsWords = {
  nothing: 'nothing',
  reload: 'a reload',
  restart: 'a restart',
  'per-database': 'a statement in its database',
} as const

/** What would change: now, proposed, what it takes, and why. */
export function PlanDiff({ advice, plan }: Properties): JSX.Element {
  const differences = differencesOf(advice, plan)
  if (differences.length === 0) {
    return (
      <p class="calm">
        Nothing is proposed: {advice === null ? 'no advice was asked for.' : 'it is as it should be.'}
      </p>
    )
  }
  return (
    <>
      {advice !== null && (
        <p>
          PostgreSQL {advice.major}, profile {advice.profile}: {advice.profileReason}
        </p>
      )}
      {(plan?.refusals ?? []).map((why) => (
        <p key={why} class="panel-error">
          It would be refused: {why}
        </p>
      ))}
      <div class="scroll" tabIndex={0} role="region" aria-label="What would change">
        <table class="diff">
          <ColumnHeads names={['Setting', 'Now', 'Proposed', 'Needs', 'Why']} />
          <tbody>
            {differences.map((one) => (
              <Row key={`${one.of} ${one.name}`} one={one} />
            ))}
          </tbody>
        </table>
      </div>
      {[...(advice?.notes ?? []), ...(plan?.notes ?? [])].map((note) => (
        <p key={note} class="soft">
          {note}
        </p>
      ))}
    </>
  )
}

function Row({ one }: { readonly one: Difference }): JSX.Element {
  const more = [
    ['evidence', one.evidence],
    ['effect', one.effect],
    ['risk', one.risk],
    ['confidence', one.confidence],
    ['set in', one.where],
  ].filter(([, text]) => text !== '')
  return (
    <tr data-setting={one.name}>
      <th scope="row">
        {one.of === 'server' ? '' : `${one.of}: `}
        <code>{one.name}</code>
      </th>
      <td class="was">{one.now ?? 'default'}</td>
      <td class="becomes">{one.wanted}</td>
      <td>
        {needsWords[one.needs]}
        {one.state === 'staged' && <span class="soft"> (written, waits)</span>}
      </td>
      <td class="wrap">
        {one.reason}
        {more.length > 0 && (
          <details class="more">
            <summary>more</summary>
            <dl class="pairs">
              {more.map(([name, text]) => (
                <div key={name} class="pair">
                  <dt>{name}</dt>
                  <dd>{text}</dd>
                </div>
              ))}
            </dl>
          </details>
        )}
      </td>
    </tr>
  )
}
