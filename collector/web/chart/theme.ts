import { colourCount } from './slots.ts'

/** The colours that a canvas needs; the style sheet is the one place that defines them. */
export interface Theme {
  readonly series: readonly string[]
  readonly text: string
  readonly grid: string
  readonly font: string
}

/** Reads the colours of the theme that is in force now. */
export function readTheme(): Theme {
  const style = getComputedStyle(document.documentElement)
  const read = (name: string): string => style.getPropertyValue(name).trim()
  return {
    series: Array.from({ length: colourCount }, (_, index) => read(`--series-${index}`)),
    text: read('--text-soft'),
    grid: read('--grid'),
    font: '12px system-ui, sans-serif',
  }
}

/** Calls `listener` when the system turns dark or light, until the returned function is called. */
export function onThemeChange(listener: () => void): () => void {
  const query = matchMedia('(prefers-color-scheme: dark)')
  query.addEventListener('change', listener)
  return () => query.removeEventListener('change', listener)
}
