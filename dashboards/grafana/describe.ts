import type { Builder } from '@grafana/grafana-foundation-sdk/cog'
import type { DataSourceRef } from '@grafana/grafana-foundation-sdk/common'
import {
  DashboardLinkBuilder,
  MappingType,
  ThresholdsConfigBuilder,
} from '@grafana/grafana-foundation-sdk/dashboard'
import type {
  DashboardLink,
  GridPos,
  ThresholdsConfig,
  ValueMap,
  ValueMapping,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { drillDownUrl } from '../kit/links.ts'
import { tones } from '../kit/palette.ts'
import type { Panel, State, Step, Text } from '../kit/panel.ts'
import { units } from '../kit/units.ts'
import { datasource } from './datasource.ts'
import { stepsOf } from './thresholds.ts'

/** Where a panel is, and its number within the board. */
export interface Place {
  readonly id: number
  readonly gridPos: GridPos
}

/** What all kinds of panels have in common. */
interface Describable {
  id(id: number): this
  gridPos(gridPos: GridPos): this
  title(title: string): this
  description(description: string): this
  datasource(datasource: DataSourceRef): this
  unit(unit: string): this
  noValue(noValue: string): this
  thresholds(thresholds: Builder<ThresholdsConfig>): this
  mappings(mappings: ValueMapping[]): this
  dataLinks(links: Builder<DashboardLink>[]): this
  min(min: number): this
  max(max: number): this
  decimals(decimals: number): this
}

/** Title, unit, bounds, thresholds, empty state and link of a panel. */
export function describe<B extends Describable>(builder: B, panel: Exclude<Panel, Text>, place: Place): B {
  const { unit, min, max, decimals } = panel
  builder
    .id(place.id)
    .gridPos(place.gridPos)
    .title(panel.title)
    .description(panel.description)
    .datasource(datasource)
    .unit(units[unit])
    .noValue(panel.noValue)
    .thresholds(new ThresholdsConfigBuilder().steps(stepsOf(panel.base, stepsIn(panel))))
  if (min !== undefined) builder.min(min)
  if (max !== undefined) builder.max(max)
  if (decimals !== undefined) builder.decimals(decimals)
  if ('states' in panel) builder.mappings(mappingsOf(panel.states))
  if ('link' in panel) {
    const link = new DashboardLinkBuilder(panel.link.title).url(drillDownUrl(panel.link, 'series'))
    builder.dataLinks([link])
  }
  return builder
}

function stepsIn(panel: Exclude<Panel, Text>): readonly Step[] {
  return 'steps' in panel ? panel.steps : []
}

/** Values as words in their colours. */
export function mappingsOf(states: readonly State[]): ValueMapping[] {
  const options: ValueMap['options'] = {}
  states.forEach(({ value, text, tone }, index) => {
    options[String(value)] = { text, color: tones[tone], index }
  })
  return [{ type: MappingType.ValueToText, options }]
}
