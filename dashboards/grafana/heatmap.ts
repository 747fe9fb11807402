import {
  HeatmapColorMode,
  HeatmapColorOptionsBuilder,
  PanelBuilder,
  YAxisConfigBuilder,
} from '@grafana/grafana-foundation-sdk/heatmap'
import { PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus'
import type { Heatmap } from '../kit/panel.ts'
import { units } from '../kit/units.ts'
import { describe } from './describe.ts'
import type { Place } from './describe.ts'
import { rangeTargets } from './targets.ts'

export function heatmapPanel(panel: Heatmap, place: Place): PanelBuilder {
  return describe(new PanelBuilder(), panel, place)
    .targets(rangeTargets(panel.queries).map((target) => target.format(PromQueryFormat.Heatmap)))
    .calculate(false)
    .color(new HeatmapColorOptionsBuilder().mode(HeatmapColorMode.Scheme).scheme('Blues').steps(64))
    .yAxis(new YAxisConfigBuilder().unit(units[panel.unit]))
    .showLegend()
}
