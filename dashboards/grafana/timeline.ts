import {
  LegendDisplayMode,
  LegendPlacement,
  VisibilityMode,
  VizLegendOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common'
import { FieldColorBuilder, FieldColorModeId } from '@grafana/grafana-foundation-sdk/dashboard'
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/statetimeline'
import type { Timeline } from '../kit/panel.ts'
import { describe } from './describe.ts'
import type { Place } from './describe.ts'
import { rangeTargets } from './targets.ts'

export function timelinePanel(panel: Timeline, place: Place): PanelBuilder {
  return describe(new PanelBuilder(), panel, place)
    .targets(rangeTargets(panel.queries))
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.Thresholds))
    .showValue(VisibilityMode.Auto)
    .mergeValues(true)
    .rowHeight(0.8)
    .legend(
      new VizLegendOptionsBuilder()
        .showLegend(true)
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom),
    )
}
