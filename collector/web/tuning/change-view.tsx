import type { JSX } from 'preact'
import type { GuardReading, TuneChange } from '../../../common/tuning/tune-change.ts'
import type { Level } from '../fleet/level.ts'
import { formatAge, formatDateTime } from '../format/time.ts'
import { formatSeconds } from '../format/units.ts'
import { LevelMark } from '../parts/level-mark.tsx'
import type { KnownChange } from './read-results.ts'
import { ColumnHeads } from '../parts/column-heads.tsx'

const states: Readonly<Record<TuneChange['state'], { readonly level: Level; readonly text: string }>> = {
  applying: { level: 'unknown', text: 'is being made' },
  watching: { level: 'unknown', text: 'is watched' },
  'waits-for-restart': { level: 'warning', text: 'waits for a restart' },
  kept: { level: 'ok', text: 'stays' },
  'rolled-back': { level: 'warning', text: 'was taken back' },
  'left-alone': { level: 'warning', text: 'was left alone: somebody else has changed it since' },
  'rolling-back': { level: 'critical', text: 'could not be taken back yet' },
}

/** One guarded change: what it changed, how it stands, and what its guard has read. */
export function ChangeView({
  change,
  nowMs,
}: {
  readonly change: KnownChange
  readonly nowMs: number
}): JSX.Element {
  const { id, state, startedMs, untilMs, settings, readings, message, asOfMs } = change
  const { level, text } = states[state]
  const left = state === 'watching' && untilMs !== null && untilMs > nowMs ? (untilMs - nowMs) / 1000 : null
  return (
    <article class="change" data-change={id} data-state={state}>
      <p>
        <LevelMark level={level} /> <strong>{formatDateTime(startedMs)}</strong> {text}
        {left !== null && `, its guard decides in ${formatSeconds(Math.round(left))}`}
        <span class="soft"> · as of {formatAge(nowMs - asOfMs)}</span>
      </p>
      <p class="soft">{message}</p>
      <ul class="plain-list">
        {settings.map(({ name, before, after, needsRestart }) => (
          <li key={name}>
            <code>{name}</code> <span class="was">{before ?? 'default'}</span> →{' '}
            <span class="becomes">{after}</span>
            {needsRestart && <span class="soft"> by a restart</span>}
          </li>
        ))}
      </ul>
      {readings.length > 0 && <Readings readings={readings} of={formatDateTime(startedMs)} />}
    </article>
  )
}

const figure = (value: number | null): string => (value === null ? '–' : String(Number(value.toPrecision(3))))

function Readings({
  readings,
  of,
}: {
  readonly readings: readonly GuardReading[]
  readonly of: string
}): JSX.Element {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={`What the guard of ${of} has read`}>
      <table>
        <ColumnHeads names={['Guard', 'Before', 'Since', 'Allowed', 'Unit']} />
        <tbody>
          {readings.map(({ what, before, after, limit, unit, isWorse }) => (
            <tr key={what} class={isWorse ? 'row-bad' : ''}>
              <th scope="row">{what}</th>
              <td class="right">{figure(before)}</td>
              <td class="right">{figure(after)}</td>
              <td class="right">{figure(limit)}</td>
              <td>{unit}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
