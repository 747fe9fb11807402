import type { JSX } from 'preact'
import type { z } from 'zod'
import { reducedValues } from '../data/reduced-values.ts'
import { signOf } from '../fields/colours.ts'
import { display, scaleOf } from '../fields/display.ts'
import { shownFields } from '../fields/shown-fields.ts'
import { LinkTo } from '../links/link-to.tsx'
import type { barGaugeOptions } from '../model/panel-kind.ts'
import { NoData } from './no-data.tsx'
import { linkOfValue } from './view-context.ts'
import type { ViewProperties } from './view-context.ts'

type Options = z.infer<typeof barGaugeOptions>

/** A bar for each value, all on one scale, so that the one that stands out does. */
export function BarGaugeView({ options, config, data, context }: ViewProperties<Options>): JSX.Element {
  const values = reducedValues(shownFields(data.frames, config, data.scope), options.reduceOptions)
  if (values.length === 0) return <NoData config={config} />
  const numbers = values.map(({ value }) => (typeof value === 'number' ? value : null))
  return (
    <ul class="bars">
      {values.map((one, index) => {
        const { settings } = one.shown
        const scale = scaleOf(settings, numbers)
        const shown = display(one.value, settings, context.nowMs, scale)
        const share = typeof one.value === 'number' ? (one.value - scale.min) / (scale.max - scale.min) : 0
        const tone = shown.colour?.tone ?? 'neutral'
        const link = linkOfValue(one, shown.text, data, context)
        return (
          <li key={`${one.name} ${index}`} data-tone={tone}>
            <span class="bar-name" title={one.name}>
              {link === null ? one.name : <LinkTo to={link}>{one.name}</LinkTo>}
            </span>
            <span class={options.showUnfilled ? 'bar-track' : 'bar-track bar-track-plain'}>
              <span
                class="bar-part"
                style={{
                  width: `${Math.min(100, Math.max(0, share * 100))}%`,
                  background: shown.colour?.css ?? 'var(--series-0)',
                }}
              />
            </span>
            <span class="bar-value" style={{ color: shown.colour?.css }}>
              {signOf[tone] !== '' && <span aria-hidden="true">{signOf[tone]} </span>}
              {shown.text}
            </span>
          </li>
        )
      })}
    </ul>
  )
}
