import type { JSX } from 'preact'
import { eventsAnswer } from '../../../common/wire/events.ts'
import { AlertsList } from '../alerts/alerts-list.tsx'
import { EventList } from '../parts/event-list.tsx'
import type { PageContext } from '../state/page-context.ts'
import { usePolled } from '../state/use-polled.ts'

/** What fires and what happened lately, on the whole fleet. */
export function FleetNews({ context }: { readonly context: PageContext }): JSX.Element {
  const { client, refresh, alerts, nowMs } = context
  const events = usePolled(
    'events',
    refresh.seq,
    true,
    async (signal) => (await client.get('api/v1/events', { limit: '15' }, eventsAnswer, signal)).data,
  )
  return (
    <div class="beside">
      <section aria-labelledby="fleet-alerts">
        <h2 id="fleet-alerts">Alerts</h2>
        <AlertsList alerts={alerts.data} error={alerts.error} nowMs={nowMs} />
      </section>
      <section aria-labelledby="fleet-events">
        <h2 id="fleet-events">What happened</h2>
        {events.error !== null && <p class="panel-error">{events.error}</p>}
        {events.data !== null && <EventList events={events.data} />}
      </section>
    </div>
  )
}
