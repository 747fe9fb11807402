import { useState } from 'preact/hooks'
import type { JSX } from 'preact'
import { notifyAnswer } from '../../../common/alerts/notify-view.ts'
import { silences as silencesAnswer } from '../../../common/alerts/silence.ts'
import type { Alert } from '../api/answers.ts'
import { CopyLine } from '../parts/copy-line.tsx'
import { mayOperate } from '../state/page-context.ts'
import type { PageContext } from '../state/page-context.ts'
import { link, navigate, useLocation } from '../state/route.ts'
import { useTitle } from '../state/title.ts'
import { usePolled } from '../state/use-polled.ts'
import { AlertsList } from './alerts-list.tsx'
import { NotifyState } from './notify-state.tsx'
import { gravities, gravityOf } from './severity.ts'
import { SilenceDialog } from './silence-dialog.tsx'
import { SilencesList } from './silences-list.tsx'

/** What fires, what to do first, what is silenced, and who is told. */
export function AlertsPage({ context }: { readonly context: PageContext }): JSX.Element {
  const { client, refresh, alerts, me, nowMs } = context
  useTitle('Alerts')
  const [changes, setChanges] = useState(0)
  const silences = usePolled(`silences ${changes}`, refresh.seq, true, (signal) =>
    client.get('api/v2/silences', {}, silencesAnswer, signal),
  )
  const notify = usePolled(
    'notify',
    refresh.seq,
    true,
    async (signal) => (await client.get('api/v1/notify', {}, notifyAnswer, signal)).data,
  )
  const [silencing, setSilencing] = useState<Alert | null>(null)
  const { search } = useLocation()
  const cluster = search.get('cls')
  const gravity = gravities.find((one) => one === search.get('gravity')) ?? null
  const ofCluster = (alerts.data ?? []).filter(
    ({ labels }) => cluster === null || (labels['cls'] ?? labels['cluster']) === cluster,
  )
  const shown = ofCluster.filter(
    ({ labels }) => gravity === null || gravityOf(labels['severity']) === gravity,
  )
  const choose = (name: 'gravity' | 'cls', value: string | null): void => {
    const next = new URLSearchParams(search)
    if (value === null) next.delete(name)
    else next.set(name, value)
    const text = next.toString()
    navigate(text === '' ? '/alerts' : `/alerts?${text}`, { replace: true })
  }
  return (
    <>
      <h1>Alerts</h1>
      <div class="finder" role="group" aria-label="How grave">
        {gravities.map((one) => {
          const count = ofCluster.filter(({ labels }) => gravityOf(labels['severity']) === one).length
          return (
            <button
              key={one}
              type="button"
              class={`level-button gravity-${one}`}
              aria-pressed={gravity === one}
              disabled={count === 0 && gravity !== one}
              onClick={() => choose('gravity', gravity === one ? null : one)}
            >
              {count} {one === 'unknown' ? 'other' : one}
            </button>
          )
        })}
        {cluster !== null && (
          <button type="button" onClick={() => choose('cls', null)}>
            only {cluster} ✕
          </button>
        )}
        <a href={link('/d/pgherd-alerts')}>Charts of the alerts</a>
      </div>
      <AlertsList
        alerts={alerts.data === null ? null : shown}
        error={alerts.error}
        nowMs={nowMs}
        silences={silences.data ?? []}
        {...(mayOperate(me) ? { onSilence: setSilencing } : {})}
      />
      <section aria-labelledby="silences-title">
        <h2 id="silences-title">Silences</h2>
        {silences.error !== null && <p class="panel-error">{silences.error}</p>}
        {silences.data !== null && (
          <SilencesList
            silences={silences.data}
            context={context}
            onChanged={() => setChanges((count) => count + 1)}
          />
        )}
        {!mayOperate(me) && (
          <p class="soft">
            To silence an alert takes the role operator, here or with{' '}
            <CopyLine text="agentctl silence --help" />
          </p>
        )}
      </section>
      <section aria-labelledby="notify-title">
        <h2 id="notify-title">Who is told</h2>
        {notify.error !== null && <p class="panel-error">{notify.error}</p>}
        {notify.data !== null && <NotifyState notify={notify.data} nowMs={nowMs} />}
      </section>
      {silencing !== null && (
        <SilenceDialog
          alert={silencing}
          context={context}
          onClose={(made) => {
            setSilencing(null)
            if (made) setChanges((count) => count + 1)
          }}
        />
      )}
    </>
  )
}
