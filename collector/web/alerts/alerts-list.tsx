import type { JSX } from 'preact'
import type { Silence } from '../../../common/alerts/silence.ts'
import type { Alert } from '../api/answers.ts'
import { AlertItem } from './alert-item.tsx'
import { orderAlerts } from './order-alerts.ts'

interface Properties {
  /** Null until the collector has answered. */
  readonly alerts: readonly Alert[] | null
  readonly error: string | null
  readonly nowMs: number
  readonly silences?: readonly Silence[]
  /** Left out for those who may not. */
  readonly onSilence?: (alert: Alert) => void
}

/** What fires and what is about to. */
export function AlertsList({ alerts, error, nowMs, silences = [], onSilence }: Properties): JSX.Element {
  const shown = orderAlerts(alerts ?? [])
  return (
    <div class="alerts">
      {error !== null && (
        <p class="panel-error" role="status">
          Alerts: {error}
        </p>
      )}
      {error === null && alerts !== null && shown.length === 0 && <p class="calm">No alert is firing.</p>}
      <ul class={error === null ? '' : 'dimmed'}>
        {shown.map((alert, index) => (
          <li key={JSON.stringify(alert.labels)}>
            <AlertItem
              alert={alert}
              nowMs={nowMs}
              silences={silences}
              isOpen={index === 0 && alert.state === 'firing'}
              {...(onSilence === undefined ? {} : { onSilence })}
            />
          </li>
        ))}
      </ul>
    </div>
  )
}
