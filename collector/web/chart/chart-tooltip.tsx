import type { JSX } from 'preact'
import { formatDateTime } from '../format/time.ts'
import { formatInUnit } from '../format/value-format.ts'
import type { SharedCursor } from '../state/shared-cursor.ts'
import { indexAt } from './chart-keys.ts'
import type { ChartData } from './lines.ts'
import { Swatch } from './swatch.tsx'
import { useCursor } from './use-cursor.ts'

interface Properties {
  readonly data: ChartData
  readonly cursor: SharedCursor
  readonly leftOf: (at: number) => number
  readonly width: number
}

/** More lines than this hide what they are about. */
const mostRows = 14

/** The values under the crosshair, the highest first, and what happened then. */
export function ChartTooltip({ data, cursor, leftOf, width }: Properties): JSX.Element | null {
  const index = indexAt(data, useCursor(cursor))
  if (index === null) return null
  const at = data.times[index]!
  const rows = data.lines
    .flatMap((line) => {
      const value = line.values[index] ?? null
      return value === null ? [] : [{ line, value: line.isMirrored ? -value : value }]
    })
    .sort((a, b) => b.value - a.value)
  const near = data.marks.filter((mark) => Math.abs(mark.at - at) <= (data.to - data.from) / 100)
  const left = leftOf(at)
  const isRight = left > width / 2
  return (
    <div
      class="chart-tooltip"
      style={isRight ? { right: `${width - left + 12}px`, left: '' } : { left: `${left + 12}px`, right: '' }}
    >
      <p class="soft">{formatDateTime(at * 1000)}</p>
      <table>
        <tbody>
          {rows.slice(0, mostRows).map(({ line, value }) => (
            <tr key={line.name}>
              <td>
                <Swatch colour={line.colour} dash={line.dash} />
              </td>
              <td class="tooltip-name">{line.name}</td>
              <td class="tooltip-value">
                {formatInUnit(
                  value,
                  data.axes[line.axis]?.unit ?? '',
                  data.axes[line.axis]?.decimals ?? null,
                  Date.now(),
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > mostRows && <p class="soft">and {rows.length - mostRows} lower ones</p>}
      {near.map(({ at: when, text }) => (
        <p key={`${when} ${text}`} class="tooltip-mark">
          ⚑ {text}
        </p>
      ))}
    </div>
  )
}
