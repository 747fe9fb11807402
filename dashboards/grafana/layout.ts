import type { GridPos } from '@grafana/grafana-foundation-sdk/dashboard'
import type { Panel } from '../kit/panel.ts'

const columns = 24

/**
 * Places panels from left to right and, where a line is full, below its tallest one.
 * @param top the first free row of the grid
 */
export function layOut(
  panels: readonly Panel[],
  top: number,
): { readonly places: readonly GridPos[]; readonly bottom: number } {
  const places: GridPos[] = []
  let x = 0
  let y = top
  let bottom = top
  for (const { width, height } of panels) {
    if (x + width > columns) {
      x = 0
      y = bottom
    }
    places.push({ x, y, w: width, h: height })
    x += width
    bottom = Math.max(bottom, y + height)
  }
  return { places, bottom }
}
