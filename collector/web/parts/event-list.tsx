import type { JSX } from 'preact'
import type { FleetEvent } from '../../../common/wire/events.ts'
import { formatDateTime } from '../format/time.ts'
import { isBadEvent } from './bad-events.ts'

/** What happened, the newest first. */
export function EventList({ events }: { readonly events: readonly FleetEvent[] }): JSX.Element {
  if (events.length === 0) return <p class="calm">Nothing has happened that is kept.</p>
  return (
    <ol class="events">
      {events.map(({ seq, atMs, type, node, text }) => (
        <li key={seq} class={isBadEvent({ type }) ? 'event-bad' : ''}>
          <time dateTime={new Date(atMs).toISOString()}>{formatDateTime(atMs)}</time>{' '}
          <span class="event-type">{type}</span> <span class="event-text">{`${node} ${text}`.trim()}</span>
        </li>
      ))}
    </ol>
  )
}
