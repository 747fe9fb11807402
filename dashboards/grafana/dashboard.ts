import { DashboardBuilder, DashboardCursorSync, RowBuilder } from '@grafana/grafana-foundation-sdk/dashboard'
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'
import type { Board } from '../kit/board.ts'
import { uids } from '../kit/uids.ts'
import { annotations } from './annotations.ts'
import { layOut } from './layout.ts'
import { boardLinks } from './links.ts'
import { grafanaPanel } from './panel.ts'
import { bothWays } from '../kit/long-ranges.ts'
import { detailVariable, grafanaVariables } from './variables.ts'

/** Numbers of panels: a hundred for each row, so that a new panel renames those behind it in its own row only. */
const idsPerRow = 100

/* eslint-disable @typescript-eslint/no-deprecated --
   The schema that took its place is read by Grafana 12 and later only; this one is read by all. */

/** A board in Grafana's classic schema. */
export function dashboardOf(board: Board): Dashboard {
  const builder = new DashboardBuilder(`pgherd: ${board.title}`)
    .uid(uids[board.name])
    .description(board.description)
    .tags(['pgherd', board.name])
    .editable()
    .timezone('browser')
    .tooltip(DashboardCursorSync.Crosshair)
    .time({ from: 'now-1h', to: 'now' })
    .refresh('30s')
    .variables([...grafanaVariables(board.variables), ...(asksBothWays(board) ? [detailVariable()] : [])])
    .links(boardLinks(board.related))
  if (board.events === true) builder.annotations(annotations())
  let top = 0
  board.rows.forEach((row, index) => {
    const { places, bottom } = layOut(row.panels, top + 1)
    const id = (index + 1) * idsPerRow
    const panels = row.panels.map((panel, at) =>
      grafanaPanel(panel, { id: id + at + 1, gridPos: places[at]! }),
    )
    const head = new RowBuilder(row.title).id(id).gridPos({ x: 0, y: top, w: 24, h: 1 })
    if (row.collapsed === true) {
      head.collapsed(true)
      for (const panel of panels) head.withPanel(panel)
      builder.withRow(head)
      top += 1
    } else {
      builder.withRow(head.collapsed(false))
      for (const panel of panels) builder.withPanel(panel)
      top = bottom
    }
  })
  return builder.build()
}

function asksBothWays({ rows }: Board): boolean {
  return rows
    .flatMap(({ panels }) => panels)
    .some((panel) => {
      const isOverRange =
        panel.kind === 'lines' ||
        panel.kind === 'timeline' ||
        panel.kind === 'heatmap' ||
        (panel.kind === 'stat' && panel.sparkline === true)
      return isOverRange && panel.queries.some((query) => bothWays(query).length > 1)
    })
}
