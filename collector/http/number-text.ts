/** A sample value as Prometheus prints it: the shortest text that reads back as the same double. */
export function valueText(value: number): string {
  if (value !== value) return 'NaN'
  if (value === Infinity) return '+Inf'
  if (value === -Infinity) return '-Inf'
  if (value === 0) return Object.is(value, -0) ? '-0' : '0'
  const text = String(value)
  // Go gives an exponent at least two digits: 1e-07 where JavaScript says 1e-7.
  return Math.abs(value) < 1e-6 && text.includes('e-') ? text.replace(/e-(\d)$/, 'e-0$1') : text
}

/** Milliseconds as seconds, with three decimals unless it is a whole second. */
export function secondsText(timeMs: number): string {
  const whole = Math.trunc(timeMs / 1000)
  const rest = Math.abs(timeMs % 1000)
  if (rest === 0) return String(whole)
  const sign = timeMs < 0 && whole === 0 ? '-' : ''
  return `${sign}${whole}.${String(Math.round(rest)).padStart(3, '0')}`
}
