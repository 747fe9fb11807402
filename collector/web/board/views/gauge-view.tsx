import type { JSX } from 'preact'
import type { z } from 'zod'
import { useSize } from '../../chart/use-size.ts'
import { reducedValues } from '../data/reduced-values.ts'
import type { ReducedValue } from '../data/reduced-values.ts'
import { colourOf, signOf } from '../fields/colours.ts'
import { display, scaleOf } from '../fields/display.ts'
import { shownFields } from '../fields/shown-fields.ts'
import { thresholdLines } from '../fields/thresholds.ts'
import { LinkTo } from '../links/link-to.tsx'
import type { gaugeOptions } from '../model/panel-kind.ts'
import { NoData } from './no-data.tsx'
import { linkOfValue } from './view-context.ts'
import type { ViewProperties } from './view-context.ts'

type Options = z.infer<typeof gaugeOptions>

/** Values as parts of a half circle between their least and greatest. */
export function GaugeView(properties: ViewProperties<Options>): JSX.Element {
  const { options, config, data } = properties
  const [element, { width, height }] = useSize<HTMLUListElement>()
  const values = reducedValues(shownFields(data.frames, config, data.scope), options.reduceOptions)
  if (values.length === 0) return <NoData config={config} />
  const perRow = Math.max(
    1,
    Math.min(values.length, Math.round(Math.sqrt((values.length * width) / Math.max(1, height)))),
  )
  return (
    <ul class="gauges" ref={element} style={{ gridTemplateColumns: `repeat(${perRow}, 1fr)` }}>
      {values.map((value, index) => (
        <Gauge
          key={`${value.name} ${index}`}
          value={value}
          isNamed={values.length > 1}
          properties={properties}
        />
      ))}
    </ul>
  )
}

/** A point of the arc, of radius `radius` around (50, 50): `share` 0 is left, 1 is right. */
function pointOf(share: number, radius: number): string {
  const angle = Math.PI * (1 - share)
  return `${(50 + Math.cos(angle) * radius).toFixed(2)} ${(50 - Math.sin(angle) * radius).toFixed(2)}`
}

function arc(from: number, to: number, radius: number): string {
  return `M${pointOf(from, radius)}A${radius} ${radius} 0 0 1 ${pointOf(to, radius)}`
}

function Gauge({
  value,
  isNamed,
  properties,
}: {
  readonly value: ReducedValue
  readonly isNamed: boolean
  readonly properties: ViewProperties<Options>
}): JSX.Element {
  const { options, data, context } = properties
  const { settings } = value.shown
  const scale = scaleOf(settings, value.history)
  const shown = display(value.value, settings, context.nowMs, scale)
  const shareOf = (number: number): number =>
    Math.min(1, Math.max(0, (number - scale.min) / (scale.max - scale.min)))
  const share = typeof value.value === 'number' ? shareOf(value.value) : 0
  const steps = thresholdLines(settings.thresholds, scale.min, scale.max)
  const tone = shown.colour?.tone ?? 'neutral'
  const link = linkOfValue(value, shown.text, data, context)
  const text = `${signOf[tone]} ${shown.text}`.trim()
  return (
    <li class="gauge" data-tone={tone}>
      <svg viewBox="0 0 100 58" role="img" aria-label={`${value.name}: ${shown.text}`}>
        <path class="gauge-rest" d={arc(0, 1, 40)} />
        {share > 0 && (
          <path
            class="gauge-part"
            d={arc(0, share, 40)}
            style={{ stroke: shown.colour?.css ?? 'var(--series-0)' }}
          />
        )}
        {options.showThresholdMarkers &&
          steps.map((step, index) => {
            const from = shareOf(step.value)
            const to = shareOf(steps[index + 1]?.value ?? scale.max)
            return from < to ? (
              <path
                key={step.value}
                class="gauge-step"
                d={arc(from, to, 48)}
                style={{ stroke: colourOf(step.colour).css }}
              />
            ) : null
          })}
        <text
          x="50"
          y="48"
          class="gauge-text"
          style={{ fontSize: `${Math.min(15, 100 / Math.max(5, text.length))}px` }}
        >
          {text}
        </text>
      </svg>
      {(isNamed || link !== null) && (
        <span class="gauge-name">{link === null ? value.name : <LinkTo to={link}>{value.name}</LinkTo>}</span>
      )}
    </li>
  )
}
