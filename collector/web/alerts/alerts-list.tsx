import type { JSX } from 'preact'
import type { Alert } from '../api/answers.ts'
import { formatDateTime } from '../format/time.ts'
import { formatSeconds } from '../format/units.ts'
import type { Scope } from '../query/variables.ts'
import { orderAlerts } from './order-alerts.ts'
import { gravityOf } from './severity.ts'

interface Properties {
  /** Null until the collector has answered. */
  readonly alerts: readonly Alert[] | null
  readonly error: string | null
  readonly nowMs: number
  readonly onSelect: (scope: Scope) => void
}

/** What fires and what is about to. */
export function AlertsList({ alerts, error, nowMs, onSelect }: Properties): JSX.Element {
  const shown = orderAlerts(alerts ?? [])
  return (
    <section class="alerts" aria-label="Alerts">
      {error !== null && (
        <p class="panel-error" role="status">
          Alerts: {error}
        </p>
      )}
      {error === null && alerts !== null && shown.length === 0 && <p class="calm">No alert is firing.</p>}
      <ul class={error === null ? '' : 'dimmed'} aria-live="polite">
        {shown.map((alert) => (
          <li key={JSON.stringify(alert.labels)}>
            <AlertItem alert={alert} nowMs={nowMs} onSelect={onSelect} />
          </li>
        ))}
      </ul>
    </section>
  )
}

interface ItemProperties extends Pick<Properties, 'nowMs' | 'onSelect'> {
  readonly alert: Alert
}

function AlertItem({ alert, nowMs, onSelect }: ItemProperties): JSX.Element {
  const { labels, annotations } = alert
  const severity = labels['severity'] ?? 'no severity'
  const sinceMs = Date.parse(alert.activeAt)
  const { cls, ins } = labels
  return (
    <details class={`alert alert-${alert.state} severity-${gravityOf(labels['severity'])}`}>
      <summary>
        <span class="badge">{alert.state === 'firing' ? severity : `pending, ${severity}`}</span>{' '}
        <strong>{annotations['summary'] ?? labels['alertname'] ?? 'an alert without a name'}</strong>{' '}
        {!Number.isNaN(sinceMs) && (
          <time class="soft" dateTime={alert.activeAt} title={formatDateTime(sinceMs)}>
            for {formatSeconds(Math.max(0, Math.floor((nowMs - sinceMs) / 1000)))}
          </time>
        )}
      </summary>
      {annotations['description'] !== undefined && <p class="alert-text">{annotations['description']}</p>}
      <p class="soft alert-labels">
        {Object.entries(labels)
          .map(([name, value]) => `${name}=${value}`)
          .join('  ')}
      </p>
      {cls !== undefined && (
        <button type="button" class="plain" onClick={() => onSelect({ cluster: cls, node: ins ?? null })}>
          Show the charts of {ins ?? cls}
        </button>
      )}
    </details>
  )
}
