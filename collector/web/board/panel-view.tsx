import type { JSX } from 'preact'
import type { PanelData } from './data/load-panel.ts'
import type { FieldConfig } from './model/field-settings.ts'
import type { PanelKind } from './model/panel-kind.ts'
import { BarGaugeView } from './views/bar-gauge-view.tsx'
import { GaugeView } from './views/gauge-view.tsx'
import { HeatMapView } from './views/heat-map-view.tsx'
import { StatView } from './views/stat-view.tsx'
import { TableView } from './views/table-view.tsx'
import { TextView } from './views/text-view.tsx'
import { TimeSeriesView } from './views/time-series-view.tsx'
import { TimelineView } from './views/timeline-view.tsx'
import type { ViewContext } from './views/view-context.ts'

interface Properties {
  readonly kind: PanelKind
  readonly title: string
  readonly config: FieldConfig
  readonly data: PanelData
  readonly context: ViewContext
}

/** What a panel shows, by its kind. */
export function PanelView({ kind, ...rest }: Properties): JSX.Element {
  switch (kind.type) {
    case 'stat':
      return <StatView options={kind.options} {...rest} />
    case 'timeseries':
      return <TimeSeriesView options={kind.options} {...rest} />
    case 'table':
      return <TableView options={kind.options} {...rest} />
    case 'bargauge':
      return <BarGaugeView options={kind.options} {...rest} />
    case 'gauge':
      return <GaugeView options={kind.options} {...rest} />
    case 'state-timeline':
      return <TimelineView options={kind.options} {...rest} />
    case 'heatmap':
      return <HeatMapView options={kind.options} {...rest} />
    case 'text':
      return <TextView options={kind.options} scope={rest.data.scope} />
  }
}
