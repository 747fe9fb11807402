import { useState } from 'preact/hooks'
import type { JSX } from 'preact'
import type { Silence } from '../../../common/alerts/silence.ts'
import type { Alert } from '../api/answers.ts'
import { formatDateTime } from '../format/time.ts'
import { formatSeconds } from '../format/units.ts'
import { CopyLine } from '../parts/copy-line.tsx'
import { link } from '../state/route.ts'
import { adviceOf } from './alert-steps.ts'
import { gravityOf } from './severity.ts'
import { silenceOf } from './silenced.ts'

interface Properties {
  readonly alert: Alert
  readonly nowMs: number
  readonly silences: readonly Silence[]
  /** Whether it is shown whole at first. */
  readonly isOpen: boolean
  readonly onSilence?: (alert: Alert) => void
}

/** An alert: how grave, what, since when; and, opened, what it means and what to do first. */
export function AlertItem({ alert, nowMs, silences, isOpen, onSilence }: Properties): JSX.Element {
  const { labels, annotations, state } = alert
  const [wasOpen] = useState(isOpen)
  const severity = labels['severity'] ?? 'no severity'
  const sinceMs = Date.parse(alert.activeAt)
  const silence = silenceOf(alert, silences)
  return (
    <details
      class={`alert alert-${silence === undefined ? state : 'silenced'} gravity-${gravityOf(labels['severity'])}`}
      data-alert={labels['alertname']}
      open={wasOpen}
    >
      <summary>
        <span class="badge">{state === 'firing' ? severity : `pending, ${severity}`}</span>{' '}
        <strong>{annotations['summary'] ?? labels['alertname'] ?? 'an alert without a name'}</strong>{' '}
        {!Number.isNaN(sinceMs) && (
          <time class="soft" dateTime={alert.activeAt} title={formatDateTime(sinceMs)}>
            for {formatSeconds(Math.max(0, Math.floor((nowMs - sinceMs) / 1000)))}
          </time>
        )}
        {silence !== undefined && <span class="silenced"> silenced by {silence.createdBy}</span>}
      </summary>
      <Meaning alert={alert} />
      <p class="soft alert-labels">
        {Object.entries(labels)
          .map(([name, value]) => `${name}=${value}`)
          .join('  ')}
      </p>
      {onSilence !== undefined && silence === undefined && (
        <button type="button" onClick={() => onSilence(alert)}>
          Silence…
        </button>
      )}
    </details>
  )
}

function Meaning({ alert: { labels, annotations } }: Pick<Properties, 'alert'>): JSX.Element {
  const { meaning, where, steps } = adviceOf(annotations['description'] ?? '')
  const cluster = labels['cls'] ?? labels['cluster']
  const { dashboard, runbook_url: runbook } = annotations
  return (
    <>
      {meaning !== '' && <p class="alert-text">{meaning}</p>}
      {steps.length > 0 && (
        <>
          <p class="steps-title">First{where === '' ? '' : `, ${where}`}:</p>
          <ol class="steps">
            {steps.map(({ text, commands }) => (
              <li key={text}>
                {!commands.includes(text) && <span>{text} </span>}
                {commands.map((command) => (
                  <CopyLine key={command} text={command} />
                ))}
              </li>
            ))}
          </ol>
        </>
      )}
      <p class="alert-links">
        {dashboard !== undefined && /^\/d\//.test(dashboard) && <a href={link(dashboard)}>Charts</a>}
        {cluster !== undefined && <a href={link(`/c/${encodeURIComponent(cluster)}`)}>Cluster {cluster}</a>}
        {runbook !== undefined && <Runbook address={runbook} />}
      </p>
    </>
  )
}

function Runbook({ address }: { readonly address: string }): JSX.Element {
  return /^https?:\/\//.test(address) ? (
    <a href={address} target="_blank" rel="noreferrer">
      Runbook
    </a>
  ) : (
    <span>
      Runbook: <code>{address}</code>
    </span>
  )
}
