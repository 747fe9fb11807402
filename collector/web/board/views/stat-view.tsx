import type { JSX } from 'preact'
import type { z } from 'zod'
import { useSize } from '../../chart/use-size.ts'
import { display, scaleOf } from '../fields/display.ts'
import { signOf } from '../fields/colours.ts'
import { shownFields } from '../fields/shown-fields.ts'
import { reducedValues } from '../data/reduced-values.ts'
import type { ReducedValue } from '../data/reduced-values.ts'
import { LinkTo } from '../links/link-to.tsx'
import type { statOptions } from '../model/panel-kind.ts'
import { NoData } from './no-data.tsx'
import { Sparkline } from './sparkline.tsx'
import { linkOfValue } from './view-context.ts'
import type { ViewProperties } from './view-context.ts'

type Options = z.infer<typeof statOptions>

/** Large values, with how they came about. */
export function StatView(properties: ViewProperties<Options>): JSX.Element {
  const { options, config, data } = properties
  const [element, size] = useSize<HTMLUListElement>()
  const values = reducedValues(shownFields(data.frames, config, data.scope), options.reduceOptions)
  if (values.length === 0) return <NoData config={config} isLarge />
  const perRow = perRowOf(values.length, size, options.orientation)
  const width = size.width / perRow
  const height = size.height / Math.ceil(values.length / perRow)
  return (
    <ul class="stats" ref={element} style={{ gridTemplateColumns: `repeat(${perRow}, minmax(0, 1fr))` }}>
      {values.map((value, index) => (
        <Stat
          key={`${value.name} ${index}`}
          value={value}
          isNamed={
            options.textMode === 'value_and_name' ||
            options.textMode === 'name' ||
            (options.textMode === 'auto' && values.length > 1)
          }
          width={width}
          height={height}
          properties={properties}
        />
      ))}
    </ul>
  )
}

/** A name and a value need about this much room beside each other, CSS pixels. */
const leastWidth = 120

/** How many values stand beside each other: as many as are legible. */
function perRowOf(count: number, { width }: { width: number }, orientation: Options['orientation']): number {
  if (orientation === 'horizontal') return 1
  if (orientation === 'vertical') return count
  return Math.max(1, Math.min(count, Math.floor(width / leastWidth)))
}

interface StatProperties {
  readonly value: ReducedValue
  readonly isNamed: boolean
  readonly width: number
  readonly height: number
  readonly properties: ViewProperties<Options>
}

function Stat({ value, isNamed, width, height, properties }: StatProperties): JSX.Element {
  const { options, data, context } = properties
  const { settings } = value.shown
  const shown = display(value.value, settings, context.nowMs, scaleOf(settings, value.history))
  const text = options.textMode === 'name' ? value.name : shown.text
  const isBackground = options.colorMode.startsWith('background')
  const colour = shown.colour
  const tone = colour?.tone ?? 'neutral'
  const sign = signOf[tone]
  const link = linkOfValue(value, shown.text, data, context)
  const letters = Math.max(3, text.length + (sign === '' ? 0 : 2))
  // Where there is no room below the name, the value stands beside it.
  const isFlat = isNamed && options.textMode !== 'name' && height < 56
  const fontSize = Math.round(
    Math.max(
      15,
      Math.min(
        height * (isFlat ? 0.5 : isNamed ? 0.36 : 0.46),
        ((width - 24) * (isFlat ? 0.55 : 1)) / (letters * 0.58),
        isFlat ? 20 : 40,
      ),
    ),
  )
  const words = (
    <span
      class="stat-value"
      style={{
        fontSize: `${fontSize}px`,
        ...(isBackground || options.colorMode === 'none' ? {} : { color: colour?.css }),
      }}
    >
      {sign !== '' && (
        <span class="stat-sign" aria-hidden="true">
          {sign}
        </span>
      )}
      {text}
    </span>
  )
  return (
    <li class={`stat${isFlat ? ' stat-flat' : ''}${isBackground ? ` on-${tone}` : ''}`} data-tone={tone}>
      {isNamed && options.textMode !== 'name' && (
        <span class="stat-name" title={value.name}>
          {value.name}
        </span>
      )}
      {link === null ? words : <LinkTo to={link}>{words}</LinkTo>}
      {options.graphMode !== 'none' && height > 56 && (
        <Sparkline values={value.history} colour={colour?.css ?? 'var(--series-0)'} />
      )}
    </li>
  )
}
