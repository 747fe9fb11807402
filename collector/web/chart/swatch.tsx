import type { JSX } from 'preact'
import type { ChartLine } from './lines.ts'

const patterns = { solid: '', dash: '6 3', dot: '2 3' } as const

/** A piece of a line, beside its name. */
export function Swatch({ colour, dash }: Pick<ChartLine, 'colour' | 'dash'>): JSX.Element {
  return (
    <svg class="swatch" viewBox="0 0 18 10" width="18" height="10" aria-hidden="true">
      <line
        x1="0"
        y1="5"
        x2="18"
        y2="5"
        style={{ stroke: colour, strokeDasharray: patterns[dash] === '' ? 'none' : patterns[dash] }}
      />
    </svg>
  )
}
