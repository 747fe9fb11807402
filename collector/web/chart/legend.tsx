import type { JSX } from 'preact'
import { formatClock } from '../format/time.ts'
import { formatValue } from '../format/units.ts'
import type { Unit } from '../format/units.ts'
import { indexAt, lastValue } from '../query/table.ts'
import type { Table } from '../query/table.ts'
import type { SharedCursor } from '../state/shared-cursor.ts'
import { lookOf } from './slots.ts'
import { useCursor } from './use-cursor.ts'

interface Properties {
  readonly table: Table
  readonly slots: readonly number[]
  readonly unit: Unit
  readonly cursor: SharedCursor
  readonly hidden: ReadonlySet<string>
  readonly onToggle: (name: string) => void
}

/** Names beyond this many characters do not fit into half a panel beside their value. */
const longName = 13

/** Names and values, at the crosshair or at the end; a click hides or shows the line. */
export function Legend({ table, slots, unit, cursor, hidden, onToggle }: Properties): JSX.Element {
  const index = indexAt(table, useCursor(cursor))
  const isWide = table.columns.some(({ name }) => name.length > longName)
  return (
    <div class={isWide ? 'legend legend-wide' : 'legend'}>
      <p class="legend-time">{index === null ? 'now' : formatClock(table.times[index]! * 1000)}</p>
      <ul>
        {table.columns.map(({ name, values }, position) => (
          <li key={name}>
            <button
              type="button"
              aria-pressed={!hidden.has(name)}
              title={`${name}: show or hide`}
              onClick={() => onToggle(name)}
            >
              <Swatch slot={slots[position] ?? 0} />
              <span class="legend-name">{name}</span>
              <span class="legend-value">
                {formatValue(index === null ? lastValue(values) : values[index], unit)}
              </span>
            </button>
          </li>
        ))}
      </ul>
      {table.omitted > 0 && (
        <p class="note">
          {table.omitted} more with lower values are not drawn; select a cluster or a node to see them.
        </p>
      )}
    </div>
  )
}

function Swatch({ slot }: { readonly slot: number }): JSX.Element {
  const { colour, dash } = lookOf(slot)
  return (
    <svg
      class={`swatch colour-${colour} dash-${dash}`}
      viewBox="0 0 18 10"
      width="18"
      height="10"
      aria-hidden="true"
    >
      <line x1="0" y1="5" x2="18" y2="5" />
    </svg>
  )
}
