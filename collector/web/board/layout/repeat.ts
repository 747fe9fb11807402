import type { Panel, Section } from '../model/board.ts'
import type { Selections } from '../variables/selection.ts'

/** A panel in its place, with the variables as it is to see them. */
export interface PlacedPanel {
  /** Unique within the board. */
  readonly key: string
  readonly panel: Panel
  readonly selections: Selections
  /** In columns of 24 and rows of the section, from 0. */
  readonly x: number
  readonly y: number
  readonly w: number
  readonly h: number
}

/** A section of which what repeats is unfolded. */
export interface PlacedSection {
  readonly key: string
  readonly title: string
  readonly isFolded: boolean
  readonly selections: Selections
  readonly panels: readonly PlacedPanel[]
}

/** Sections and panels that repeat by a variable, once for each of its values, and everything in its place. */
export function placeSections(
  sections: readonly Section[],
  selections: Selections,
): readonly PlacedSection[] {
  return sections.flatMap((section) =>
    repeated(section.repeat, selections).map(({ suffix, selections: own }) => ({
      key: `${section.id}${suffix}`,
      title: section.title,
      isFolded: section.isFolded,
      selections: own,
      panels: placePanels(section.panels, own, suffix),
    })),
  )
}

interface Repetition {
  readonly suffix: string
  readonly selections: Selections
}

function repeated(variable: string | null | undefined, selections: Selections): readonly Repetition[] {
  const selection =
    variable === null || variable === undefined || variable === '' ? undefined : selections.get(variable)
  if (selection === undefined || selection.values.length === 0) return [{ suffix: '', selections }]
  return selection.values.map((value) => ({
    suffix: `-${value}`,
    selections: new Map([...selections, [selection.name, { ...selection, values: [value], isAll: false }]]),
  }))
}

/** What stands below a panel that takes more room by repeating moves down by as much. */
function placePanels(
  panels: readonly Panel[],
  selections: Selections,
  suffix: string,
): readonly PlacedPanel[] {
  const top = Math.min(...panels.map(({ gridPos }) => gridPos.y))
  let moved = 0
  const ordered = panels.toSorted((a, b) => a.gridPos.y - b.gridPos.y || a.gridPos.x - b.gridPos.x)
  return ordered.flatMap((panel) => {
    const { x, w, h } = panel.gridPos
    const y = panel.gridPos.y - top + moved
    const copies = repeated(panel.repeat, selections)
    if (copies.length === 1) {
      const [only] = copies
      return [{ key: `${panel.id}${suffix}${only!.suffix}`, panel, selections: only!.selections, x, y, w, h }]
    }
    const isDown = panel.repeatDirection === 'v'
    const perRow = isDown ? 1 : Math.min(copies.length, Math.max(1, panel.maxPerRow))
    const width = isDown ? w : Math.floor(24 / perRow)
    moved += (Math.ceil(copies.length / perRow) - 1) * h
    return copies.map((copy, index) => ({
      key: `${panel.id}${suffix}${copy.suffix}`,
      panel,
      selections: copy.selections,
      x: isDown ? x : (index % perRow) * width,
      y: y + Math.floor(index / perRow) * h,
      w: width,
      h,
    }))
  })
}
