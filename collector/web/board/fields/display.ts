import { formatInUnit } from '../../format/value-format.ts'
import type { FieldSettings } from '../model/field-settings.ts'
import { colourOf, colourOnScale } from './colours.ts'
import type { Colour } from './colours.ts'
import { mapValue } from './mappings.ts'
import { reachedStep } from './thresholds.ts'

/** A value as it is shown. */
export interface Shown {
  readonly text: string
  /** Null where a value has no colour of its own, as in a chart with a colour per line. */
  readonly colour: Colour | null
}

/** The ends of the scale on which a value is drawn or compared. */
export interface Scale {
  readonly min: number
  readonly max: number
}

/** Text and colour of a value: by a mapping, else in its unit and by its threshold. */
export function display(
  value: number | string | null,
  settings: FieldSettings,
  nowMs: number,
  scale: Scale = scaleOf(settings, []),
): Shown {
  const mapped = mapValue(value, settings.mappings)
  const colour = mapped?.color === undefined ? ownColour(value, settings, scale) : colourOf(mapped.color)
  if (mapped?.text !== undefined && mapped.text !== '') return { text: mapped.text, colour }
  if (typeof value === 'string') {
    const number = settings.unit.startsWith('dateTime') ? Number(value) : Number.NaN
    return {
      text: Number.isNaN(number)
        ? value
        : formatInUnit(number, settings.unit, settings.decimals ?? null, nowMs),
      colour,
    }
  }
  if (value === null && settings.noValue !== '') return { text: settings.noValue, colour: null }
  return { text: formatInUnit(value, settings.unit, settings.decimals ?? null, nowMs), colour }
}

function ownColour(
  value: number | string | null,
  { color, thresholds }: FieldSettings,
  { min, max }: Scale,
): Colour | null {
  if (color.mode === 'fixed') return colourOf(color.fixedColor ?? 'text')
  if (typeof value !== 'number' || Number.isNaN(value)) return null
  if (color.mode.startsWith('continuous')) return colourOnScale(color.mode, (value - min) / (max - min || 1))
  if (color.mode.startsWith('palette')) return null
  const step = reachedStep(thresholds, value, min, max)
  return step === null ? null : colourOf(step.colour)
}

/** The scale of a field: as its settings say, else from the values, else that of the unit. */
export function scaleOf({ min, max, unit }: FieldSettings, values: readonly (number | null)[]): Scale {
  const known = values.filter((value): value is number => value !== null && Number.isFinite(value))
  const natural = unit === 'percent' ? 100 : unit === 'percentunit' ? 1 : null
  const high = max ?? natural ?? Math.max(0, ...known)
  const low = min ?? Math.min(0, ...known)
  return { min: low, max: high > low ? high : low + 1 }
}
