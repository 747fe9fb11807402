import type { Threshold } from '@grafana/grafana-foundation-sdk/dashboard'
import { tones } from '../kit/palette.ts'
import type { Tone } from '../kit/palette.ts'
import type { Step } from '../kit/panel.ts'

/** Where no value is bad the colour is that of something calm; else it is good below the first step. */
export function stepsOf(base: Tone | undefined, steps: readonly Step[]): Threshold[] {
  const lowest = base ?? (steps.length === 0 ? 'calm' : 'good')
  return [
    { value: null, color: tones[lowest] },
    ...steps.map(({ from, tone }) => ({ value: from, color: tones[tone] })),
  ]
}
