import type { JSX } from 'preact'

const choices = ['5s', '10s', '30s', '1m', '5m', '15m'] as const

/** Asks anew at once, or every so often. */
export function RefreshControl({
  every,
  onChange,
  onRefresh,
}: {
  /** Such as `10s`; empty for not by itself. */
  readonly every: string
  readonly onChange: (every: string) => void
  readonly onRefresh: () => void
}): JSX.Element {
  const listed = every === '' || choices.some((one) => one === every) ? choices : [every, ...choices]
  return (
    <div class="refresh-control">
      <button type="button" aria-label="Refresh now" title="Refresh now" onClick={onRefresh}>
        ↻
      </button>
      <select
        aria-label="Refresh every"
        value={every}
        onChange={(event) => onChange(event.currentTarget.value)}
      >
        <option value="">Off</option>
        {listed.map((one) => (
          <option key={one} value={one}>
            {one}
          </option>
        ))}
      </select>
    </div>
  )
}
