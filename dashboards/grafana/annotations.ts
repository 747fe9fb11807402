import { AnnotationQueryBuilder } from '@grafana/grafana-foundation-sdk/dashboard'
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus'
import { colours } from '../kit/palette.ts'
import type { Colour } from '../kit/palette.ts'
import { inClusters } from '../kit/variables.ts'
import { datasource } from './datasource.ts'

/** Events by series whose value is the time of the last one, in milliseconds since the epoch. */
interface Event {
  readonly name: string
  readonly colour: Colour
  readonly expr: string
  readonly title: string
  readonly text: string
}

export const events: readonly Event[] = [
  {
    name: 'Cluster events',
    colour: 'vermilion',
    expr: `pgherd_cluster_event_time_ms{${inClusters}}`,
    title: '{{type}}',
    text: '{{cls}} {{ins}}',
  },
  {
    name: 'Server starts',
    colour: 'purple',
    expr: `max by (cls, ins) (pg_boot_time{${inClusters}}) * 1000`,
    title: 'server started',
    text: '{{cls}} {{ins}}',
  },
  {
    name: 'Settings loaded',
    colour: 'sky',
    expr: `max by (cls, ins) (pg_reload_time{${inClusters}}) * 1000`,
    title: 'settings were loaded',
    text: '{{cls}} {{ins}}',
  },
  {
    name: 'Tuning changes',
    colour: 'orange',
    expr: `max by (cls, ins) (pgherd_tuning_change_timestamp_seconds{${inClusters}}) * 1000`,
    title: 'tuning changed settings',
    text: '{{cls}} {{ins}}',
  },
  {
    name: 'Slower statements',
    colour: 'blue',
    expr: `max by (cls, ins, datname, query) (pgherd_query_regression_time_ms{${inClusters}})`,
    title: 'a statement became slower',
    text: '{{cls}} {{ins}} {{datname}} {{query}}',
  },
  {
    name: 'Schema changes',
    colour: 'yellow',
    expr: `max by (cls, datname) (pgherd_schema_change_timestamp_seconds{${inClusters}}) * 1000`,
    title: 'the schema has changed',
    text: '{{cls}} {{datname}}: agentctl ddl history -c {{cls}}',
  },
  {
    name: 'Backups',
    colour: 'green',
    expr: `max by (cls) (pgherd_backup_last_success_timestamp_seconds{${inClusters}}) * 1000`,
    title: 'a backup has ended',
    text: '{{cls}}',
  },
]

/** Events drawn over all charts of a board. */
export function annotations(): AnnotationQueryBuilder[] {
  return events.map(({ name, colour, expr, title, text }) =>
    new AnnotationQueryBuilder()
      .name(name)
      .datasource(datasource)
      .enable(true)
      .hide(false)
      .iconColor(colours[colour])
      .target(new DataqueryBuilder().refId('Anno').expr(expr).interval('60s').legendFormat(title))
      .expr(expr)
      .step('60s')
      .useValueForTime(true)
      .titleFormat(title)
      .textFormat(text)
      .tagKeys('cls,ins,type'),
  )
}
