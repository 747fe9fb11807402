/** What a colour says, as far as it says anything: the sign beside it says the same without colour. */
export type Tone = 'good' | 'warn' | 'bad' | 'calm' | 'neutral'

/** A colour as CSS, for text on a surface and for marks. */
export interface Colour {
  readonly css: string
  readonly tone: Tone
}

const hues: Readonly<Record<string, Colour>> = {
  green: { css: 'var(--good)', tone: 'good' },
  yellow: { css: 'var(--series-4)', tone: 'warn' },
  orange: { css: 'var(--warn)', tone: 'warn' },
  red: { css: 'var(--bad)', tone: 'bad' },
  blue: { css: 'var(--calm)', tone: 'calm' },
  purple: { css: 'var(--series-5)', tone: 'calm' },
  text: { css: 'var(--text)', tone: 'neutral' },
  gray: { css: 'var(--text-soft)', tone: 'neutral' },
  grey: { css: 'var(--text-soft)', tone: 'neutral' },
  black: { css: 'var(--text)', tone: 'neutral' },
  white: { css: 'var(--text)', tone: 'neutral' },
  transparent: { css: 'var(--text)', tone: 'neutral' },
}

/**
 * Okabe and Ito's palette for colour-blind readers (jfly.uni-koeln.de/color), in which boards are painted: as a line, and
 * as what the colour of a value says.
 */
const palette: Readonly<Record<string, { readonly line: string; readonly value: Colour }>> = {
  '#0072B2': { line: 'var(--series-0)', value: { css: 'var(--calm)', tone: 'calm' } },
  '#D55E00': { line: 'var(--series-1)', value: { css: 'var(--bad)', tone: 'bad' } },
  '#009E73': { line: 'var(--series-2)', value: { css: 'var(--good)', tone: 'good' } },
  '#CC79A7': { line: 'var(--series-3)', value: { css: 'var(--series-3)', tone: 'neutral' } },
  '#E69F00': { line: 'var(--series-4)', value: { css: 'var(--warn)', tone: 'warn' } },
  '#F0E442': { line: 'var(--series-5)', value: { css: 'var(--series-4)', tone: 'warn' } },
  '#8A8F98': { line: 'var(--series-6)', value: { css: 'var(--text-soft)', tone: 'neutral' } },
  '#56B4E9': { line: 'var(--series-7)', value: { css: 'var(--calm)', tone: 'calm' } },
}

/** The colour of a line or a mark, which says nothing but which one it is. */
export function lineColourOf(name: string): string {
  return palette[name.toUpperCase()]?.line ?? colourOf(name).css
}

/**
 * The colour of a value by Grafana's name (`red`, `semi-dark-red`, `#rrggbb`). Named ones and those of the palette become
 * the page's own, which are legible on light and dark surfaces; other hexadecimal ones stay as they are.
 */
export function colourOf(name: string): Colour {
  const known = palette[name.toUpperCase()]
  if (known !== undefined) return known.value
  if (/^#[0-9a-f]{3,8}$/i.test(name)) return { css: name, tone: 'neutral' }
  const hue = name.replace(/^(?:super-light|semi-dark|light|dark)-/, '')
  return hues[hue] ?? { css: 'var(--text)', tone: 'neutral' }
}

/** The colour of a share between 0 and 1 on a scale from calm to alarming, for `continuous-...` modes. */
export function colourOnScale(mode: string, share: number): Colour {
  const scale = mode.includes('RdYlGr')
    ? ['red', 'yellow', 'green']
    : mode.includes('GrYlRd')
      ? ['green', 'yellow', 'red']
      : ['blue']
  return colourOf(scale[Math.min(scale.length - 1, Math.floor(Math.max(0, share) * scale.length))]!)
}

/** A shape for a tone, for those who cannot tell the colours apart; none where nothing is said. */
export const signOf: Readonly<Record<Tone, string>> = {
  good: '✓',
  warn: '!',
  bad: '✕',
  calm: '',
  neutral: '',
}
