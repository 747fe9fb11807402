import type { JSX } from 'preact'

/** A line of so many values in a box of 100 x 30, stretched to its element; gaps break it. */
export function sparkPath(values: readonly (number | null)[]): string {
  const known = values.filter((value): value is number => value !== null && Number.isFinite(value))
  if (known.length < 2) return ''
  const low = Math.min(...known)
  const high = Math.max(...known)
  // Halves, because the difference of two numbers may be too large for a number.
  const height = high / 2 - low / 2 || 1
  let isDrawing = false
  return values
    .map((value, index) => {
      if (value === null || !Number.isFinite(value)) {
        isDrawing = false
        return ''
      }
      const x = ((index / (values.length - 1)) * 100).toFixed(2)
      const y = (high === low ? 15 : 28 - ((value / 2 - low / 2) / height) * 26).toFixed(2)
      const command = isDrawing ? 'L' : 'M'
      isDrawing = true
      return `${command}${x} ${y}`
    })
    .join('')
}

/** How a value came to be what it is, as a small line without axes. */
export function Sparkline({
  values,
  colour,
}: {
  readonly values: readonly (number | null)[]
  readonly colour: string
}): JSX.Element | null {
  const path = sparkPath(values)
  if (path === '') return null
  return (
    <svg class="sparkline" viewBox="0 0 100 30" preserveAspectRatio="none" aria-hidden="true">
      <path d={path} style={{ stroke: colour }} vector-effect="non-scaling-stroke" />
    </svg>
  )
}
