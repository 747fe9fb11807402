import {
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  ScaleDistribution,
  ScaleDistributionConfigBuilder,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common'
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/timeseries'
import { colours, memberColours } from '../kit/palette.ts'
import type { Lines } from '../kit/panel.ts'
import { describe } from './describe.ts'
import type { Place } from './describe.ts'
import { rangeTargets } from './targets.ts'

/** Each line has the colour of its name, else that of the member of a cluster that its name ends with or begins with. */
export function linesPanel(panel: Lines, place: Place): PanelBuilder {
  const builder = describe(new PanelBuilder(), panel, place)
    .targets(rangeTargets(panel.queries))
    .lineWidth(1)
    .fillOpacity(panel.stack === true ? 40 : 0)
    .showPoints(VisibilityMode.Never)
    .spanNulls(false)
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending))
    .legend(
      new VizLegendOptionsBuilder()
        .showLegend(true)
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom)
        .calcs(['lastNotNull']),
    )
  if (panel.stack === true) builder.stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group('A'))
  if (panel.log !== undefined) {
    const scale = new ScaleDistributionConfigBuilder().type(ScaleDistribution.Log).log(panel.log)
    builder.scaleDistribution(scale)
  }
  if (panel.queries.every(({ legend }) => legend?.startsWith('{{ins}}'))) {
    memberColours.forEach((colour, index) => {
      // demo-1, demo-1 read, demo-1 /var: the number of the member, whatever follows.
      builder.overrideByRegexp(`/^\\S+-${index + 1}( .*)?$/`, [fixed(colours[colour])])
    })
  }
  if (panel.steps !== undefined) {
    builder.thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.Dashed))
  }
  for (const [name, colour] of Object.entries(panel.colours ?? {})) {
    builder.overrideByName(name, [fixed(colours[colour])])
  }
  if (panel.mirrored !== undefined) {
    builder.overrideByRegexp(panel.mirrored, [{ id: 'custom.transform', value: 'negative-Y' }])
  }
  return builder
}

function fixed(color: string): { id: string; value: { mode: string; fixedColor: string } } {
  return { id: 'color', value: { mode: 'fixed', fixedColor: color } }
}
