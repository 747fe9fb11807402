import { PanelBuilder, TextMode } from '@grafana/grafana-foundation-sdk/text'
import type { Text } from '../kit/panel.ts'
import type { Place } from './describe.ts'

export function textPanel(panel: Text, place: Place): PanelBuilder {
  return new PanelBuilder()
    .id(place.id)
    .gridPos(place.gridPos)
    .title(panel.title)
    .description(panel.description)
    .mode(TextMode.Markdown)
    .content(panel.markdown)
}
