import type { ChartMark } from '../../chart/lines.ts'
import type { SlotMemory } from '../../chart/slots.ts'
import type { SharedCursor } from '../../state/shared-cursor.ts'
import type { TimeSpan } from '../../query/time-range.ts'
import type { ResolvedLink } from '../links/data-link.ts'
import { resolveLink } from '../links/data-link.ts'
import type { ReducedValue } from '../data/reduced-values.ts'
import type { PanelData } from '../data/load-panel.ts'
import type { FieldConfig } from '../model/field-settings.ts'
import type { ShownField } from '../fields/shown-fields.ts'

/** What the views of all panels share. */
export interface ViewContext {
  readonly cursor: SharedCursor
  readonly slots: SlotMemory
  readonly marks: readonly ChartMark[]
  /** The collector's time, milliseconds since the epoch. */
  readonly nowMs: number
  /** `from=...&to=...` of the board, for links. */
  readonly timeAddress: string
  readonly onSelect: (span: TimeSpan) => void
  readonly onWiden: () => void
}

/** What every view of a panel is given; `Options` are those of its kind. */
export interface ViewProperties<Options> {
  readonly title: string
  readonly options: Options
  readonly config: FieldConfig
  readonly data: PanelData
  readonly context: ViewContext
}

/** The links of a value that lead somewhere. */
export function linksOf(
  { field, frame, settings, name }: ShownField,
  row: number | null,
  text: string,
  data: PanelData,
  context: ViewContext,
): readonly ResolvedLink[] {
  return settings.links.flatMap(
    (one) =>
      resolveLink(one, data.scope, context.timeAddress, { frame, field, row, text, displayName: name }) ?? [],
  )
}

/** The first link of a single value. */
export function linkOfValue(
  { shown, row }: ReducedValue,
  text: string,
  data: PanelData,
  context: ViewContext,
): ResolvedLink | null {
  return linksOf(shown, row, text, data, context)[0] ?? null
}
