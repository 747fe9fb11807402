/**
 * Colours of Okabe and Ito's palette, which people with any kind of colour blindness tell apart
 * (https://jfly.uni-koeln.de/color/).
 */
export const colours = {
  blue: '#0072B2',
  orange: '#E69F00',
  green: '#009E73',
  purple: '#CC79A7',
  sky: '#56B4E9',
  vermilion: '#D55E00',
  yellow: '#F0E442',
  grey: '#8A8F98',
} as const

export type Colour = keyof typeof colours

/** What a state means, by one colour each everywhere. */
export const tones = {
  good: colours.green,
  calm: colours.blue,
  warn: colours.orange,
  bad: colours.vermilion,
  unknown: colours.grey,
} as const

export type Tone = keyof typeof tones

/** Members of a cluster have the same colour on each panel: that of their number, `<cluster>-<number>`. */
export const memberColours: readonly Colour[] = [
  'blue',
  'orange',
  'green',
  'purple',
  'sky',
  'vermilion',
  'yellow',
  'grey',
]
