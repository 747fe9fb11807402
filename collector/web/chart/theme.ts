import { colourCount } from './slots.ts'

/** The colours that a canvas needs; the style sheet is the one place that defines them. */
export interface Theme {
  readonly series: readonly string[]
  readonly text: string
  readonly grid: string
  readonly surface: string
  readonly font: string
  /** A colour of CSS as a canvas understands it: `var(--bad)` becomes what it stands for. */
  resolve(css: string): string
}

/** Reads the colours of the theme that is in force now. */
export function readTheme(): Theme {
  const style = getComputedStyle(document.documentElement)
  const read = (name: string): string => style.getPropertyValue(name).trim()
  return {
    series: Array.from({ length: colourCount }, (_, index) => read(`--series-${index}`)),
    text: read('--text-soft'),
    grid: read('--grid'),
    surface: read('--surface'),
    font: '12px system-ui, sans-serif',
    resolve: (css) => {
      const name = /^var\((--[\w-]+)\)$/.exec(css)
      return name === null ? css : read(name[1]!)
    },
  }
}
