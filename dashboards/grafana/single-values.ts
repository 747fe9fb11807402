import {
  BarGaugeDisplayMode,
  BarGaugeNamePlacement,
  BarGaugeSizing,
  BarGaugeValueMode,
  BigValueColorMode,
  BigValueGraphMode,
  BigValueTextMode,
  ReduceDataOptionsBuilder,
  VizOrientation,
} from '@grafana/grafana-foundation-sdk/common'
import { PanelBuilder as BarGaugeBuilder } from '@grafana/grafana-foundation-sdk/bargauge'
import { FieldColorBuilder, FieldColorModeId } from '@grafana/grafana-foundation-sdk/dashboard'
import { PanelBuilder as GaugeBuilder } from '@grafana/grafana-foundation-sdk/gauge'
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat'
import type { Bars, Gauge, Stat } from '../kit/panel.ts'
import { describe } from './describe.ts'
import type { Place } from './describe.ts'
import { instantTargets, rangeTargets } from './targets.ts'

const newest = (): ReduceDataOptionsBuilder =>
  new ReduceDataOptionsBuilder().values(false).calcs(['lastNotNull'])
const byThresholds = (): FieldColorBuilder => new FieldColorBuilder().mode(FieldColorModeId.Thresholds)

export function statPanel(panel: Stat, place: Place): StatBuilder {
  const sparkline = panel.sparkline === true
  return describe(new StatBuilder(), panel, place)
    .targets(sparkline ? rangeTargets(panel.queries) : instantTargets(panel.queries))
    .reduceOptions(newest())
    .colorMode(BigValueColorMode.Value)
    .colorScheme(byThresholds())
    .graphMode(sparkline ? BigValueGraphMode.Area : BigValueGraphMode.None)
    .textMode(panel.nameOnly === true ? BigValueTextMode.Name : BigValueTextMode.Auto)
}

export function barsPanel(panel: Bars, place: Place): BarGaugeBuilder {
  return describe(new BarGaugeBuilder(), panel, place)
    .targets(instantTargets(panel.queries))
    .reduceOptions(newest())
    .colorScheme(byThresholds())
    .displayMode(BarGaugeDisplayMode.Basic)
    .valueMode(BarGaugeValueMode.Text)
    .namePlacement(BarGaugeNamePlacement.Left)
    .sizing(BarGaugeSizing.Auto)
    .showUnfilled(true)
    .orientation(VizOrientation.Horizontal)
}

export function gaugePanel(panel: Gauge, place: Place): GaugeBuilder {
  return describe(new GaugeBuilder(), panel, place)
    .targets(instantTargets(panel.queries))
    .reduceOptions(newest())
    .colorScheme(byThresholds())
    .showThresholdMarkers(true)
}
