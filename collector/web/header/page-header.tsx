import type { JSX } from 'preact'
import { formatAge, formatDateTime } from '../format/time.ts'
import { ranges } from '../query/time-window.ts'
import type { View } from '../state/view.ts'

/** How the page and the collector get on. */
export interface Connection {
  readonly version: string | null
  /** When the collector last answered, milliseconds since the epoch. */
  readonly answeredAtMs: number | null
  readonly error: string | null
}

interface Properties {
  readonly connection: Connection
  readonly view: View
  readonly nowMs: number
  readonly onChange: (change: Partial<View>) => void
}

/** The name, the collector's state, and what part of time is shown. */
export function PageHeader({ connection, view, nowMs, onChange }: Properties): JSX.Element {
  return (
    <header class="page-header">
      <h1>pgherd</h1>
      <ConnectionState connection={connection} nowMs={nowMs} />
      <div class="controls">
        <RangePicker view={view} onChange={onChange} />
        <button
          type="button"
          class="live"
          aria-pressed={view.live}
          onClick={() => onChange({ live: !view.live })}
        >
          {view.live ? '❚❚ Pause charts' : '▶ Resume charts'}
        </button>
      </div>
    </header>
  )
}

function ConnectionState({ connection, nowMs }: Pick<Properties, 'connection' | 'nowMs'>): JSX.Element {
  const { version, answeredAtMs, error } = connection
  const age = answeredAtMs === null ? '' : formatAge(nowMs - answeredAtMs)
  const state = error !== null ? 'lost' : answeredAtMs === null ? 'waiting' : 'fine'
  const name = version === null ? 'Collector' : `Collector ${version}`
  return (
    <p class={`connection connection-${state}`} data-state={state} role="status">
      {state === 'fine' && `${name} connected`}
      {state === 'waiting' && 'Asking the collector…'}
      {state === 'lost' && `${error ?? ''}${age === '' ? '' : `. What you see is from ${age}`}`}
    </p>
  )
}

function RangePicker({ view, onChange }: Pick<Properties, 'view' | 'onChange'>): JSX.Element {
  const { window } = view
  return (
    <div class="ranges" role="group" aria-label="Time range">
      {[...ranges].map(([name, ms]) => (
        <button
          type="button"
          key={name}
          aria-pressed={window.kind === 'last' && window.ms === ms}
          onClick={() => onChange({ window: { kind: 'last', ms } })}
        >
          {name}
        </button>
      ))}
      {window.kind === 'between' && (
        <span class="zoomed">
          {formatDateTime(window.fromMs)} to {formatDateTime(window.toMs)}
        </span>
      )}
    </div>
  )
}
