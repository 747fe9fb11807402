import { TableSortByFieldStateBuilder } from '@grafana/grafana-foundation-sdk/common'
import { DashboardLinkBuilder } from '@grafana/grafana-foundation-sdk/dashboard'
import type { DynamicConfigValue } from '@grafana/grafana-foundation-sdk/dashboard'
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/table'
import { clusterColumn } from '../kit/columns.ts'
import { drillDownUrl } from '../kit/links.ts'
import type { Column, Table } from '../kit/panel.ts'
import { units } from '../kit/units.ts'
import { describe, mappingsOf } from './describe.ts'
import type { Place } from './describe.ts'
import { refIdOf, tableTargets } from './targets.ts'
import { stepsOf } from './thresholds.ts'

/** Rows that are about one cluster each say about which, first of all. */
const keepsCluster = /by \([^)]*\bcls\b/

/** Grafana names the value of a query `Value` where it is the only one, else `Value #<its letter>`. */
export function tablePanel(panel: Table, place: Place): PanelBuilder {
  const valueName = (index: number): string =>
    panel.values.length === 1 ? 'Value' : `Value #${refIdOf(index)}`
  const ofClusters = !('cls' in panel.labels) && panel.values.some(({ expr }) => keepsCluster.test(expr))
  const labels = ofClusters ? { cls: clusterColumn, ...panel.labels } : panel.labels
  const columns: readonly (readonly [string, Column])[] = [
    ...Object.entries(labels),
    ...panel.values.map((column, index) => [valueName(index), column] as const),
  ]
  const builder = describe(new PanelBuilder(), panel, place)
    .targets(tableTargets(panel.values.map(({ expr }) => expr)))
    .showHeader(true)
    .sortBy([
      new TableSortByFieldStateBuilder().displayName(panel.sortBy.title).desc(panel.sortBy.descending),
    ])
  if (panel.values.length > 1) builder.withTransformation({ id: 'merge', options: {} })
  builder.withTransformation({
    id: 'organize',
    options: {
      excludeByName: { Time: true },
      indexByName: Object.fromEntries(columns.map(([name], index) => [name, index])),
      renameByName: Object.fromEntries(columns.map(([name, { title }]) => [name, title])),
    },
  })
  for (const [, column] of columns) {
    const properties = propertiesOf(column)
    if (properties.length > 0) builder.overrideByName(column.title, properties)
  }
  return builder
}

function propertiesOf({
  unit,
  decimals,
  width,
  link,
  steps,
  base,
  states,
  barTo,
}: Column): DynamicConfigValue[] {
  const coloured = steps !== undefined || states !== undefined
  return [
    ...(unit === undefined ? [] : [{ id: 'unit', value: units[unit] }]),
    ...(decimals === undefined ? [] : [{ id: 'decimals', value: decimals }]),
    ...(width === undefined ? [] : [{ id: 'custom.width', value: width }]),
    ...(steps === undefined
      ? []
      : [{ id: 'thresholds', value: { mode: 'absolute', steps: stepsOf(base, steps) } }]),
    ...(states === undefined ? [] : [{ id: 'mappings', value: mappingsOf(states) }]),
    ...(barTo === undefined
      ? []
      : [
          { id: 'min', value: 0 },
          { id: 'max', value: barTo },
        ]),
    ...(barTo === undefined
      ? coloured
        ? [{ id: 'custom.cellOptions', value: { type: 'color-text' } }]
        : []
      : [{ id: 'custom.cellOptions', value: { type: 'gauge', mode: 'basic', valueDisplayMode: 'text' } }]),
    ...(link === undefined
      ? []
      : [
          {
            id: 'links',
            value: [new DashboardLinkBuilder(link.title).url(drillDownUrl(link, 'row')).build()],
          },
        ]),
  ]
}
