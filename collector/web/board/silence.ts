import type { NodeView } from '../../../common/wire/nodes.ts'
import { silenceOf } from '../fleet/health.ts'
import type { Selection, Selections } from './variables/selection.ts'

/** Why the servers that a board's `cls`, `ins` and `ip` select can have no data; null when they can, or nobody knows. */
export function silenceOfSelections(
  nodes: readonly NodeView[] | null,
  selections: Selections,
): string | null {
  if (nodes === null) return null
  const takes = (selection: Selection | undefined, value: string): boolean =>
    selection === undefined || selection.isAll || selection.values.includes(value)
  return silenceOf(
    nodes.filter(
      ({ cluster, node, ip }) =>
        takes(selections.get('cls'), cluster) &&
        takes(selections.get('ins'), node) &&
        takes(selections.get('ip'), ip),
    ),
  )
}
