import type { Builder } from '@grafana/grafana-foundation-sdk/cog'
import type { Panel as GrafanaPanel } from '@grafana/grafana-foundation-sdk/dashboard'
import type { Panel } from '../kit/panel.ts'
import type { Place } from './describe.ts'
import { heatmapPanel } from './heatmap.ts'
import { linesPanel } from './lines.ts'
import { barsPanel, gaugePanel, statPanel } from './single-values.ts'
import { tablePanel } from './table.ts'
import { textPanel } from './text.ts'
import { timelinePanel } from './timeline.ts'

export function grafanaPanel(panel: Panel, place: Place): Builder<GrafanaPanel> {
  switch (panel.kind) {
    case 'lines':
      return linesPanel(panel, place)
    case 'stat':
      return statPanel(panel, place)
    case 'bars':
      return barsPanel(panel, place)
    case 'gauge':
      return gaugePanel(panel, place)
    case 'timeline':
      return timelinePanel(panel, place)
    case 'heatmap':
      return heatmapPanel(panel, place)
    case 'table':
      return tablePanel(panel, place)
    case 'text':
      return textPanel(panel, place)
  }
}
