import type { Thresholds } from '../model/field-settings.ts'

/** The step that a value has reached: its index and colour. */
export interface ReachedStep {
  readonly index: number
  readonly colour: string
}

/** The highest step whose value is not above `value`; with percentages, of the way from `min` to `max`. */
export function reachedStep(
  { mode, steps }: Thresholds,
  value: number | null,
  min: number,
  max: number,
): ReachedStep | null {
  if (steps.length === 0) return null
  const compared = value === null ? null : mode === 'absolute' ? value : ((value - min) / (max - min)) * 100
  let index = 0
  steps.forEach((step, position) => {
    if (compared !== null && step.value !== null && compared >= step.value) index = position
  })
  return { index, colour: steps[index]!.color }
}

/** The values at which the colour changes, in the unit of the field. */
export function thresholdLines(
  { mode, steps }: Thresholds,
  min: number,
  max: number,
): readonly { readonly value: number; readonly colour: string }[] {
  return steps.flatMap(({ value, color }) =>
    value === null
      ? []
      : [{ value: mode === 'absolute' ? value : min + (value / 100) * (max - min), colour: color }],
  )
}
