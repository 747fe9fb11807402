import type uPlot from 'uplot'

interface View {
  readonly from: number
  readonly to: number
}

/** What panning moves, in seconds since the epoch. */
export interface Panned {
  readonly view: () => View
  readonly show: (view: View) => void
  /** The pointer was let go where it now is. */
  readonly end: (view: View) => void
}

/** With Shift, a drag moves the chart through time; otherwise it is the plot's own. */
export function bindPanning(panned: Panned): Binding {
  return (self, _target, usual) => (event) => {
    if (!event.shiftKey || event.button !== 0) return usual(event)
    const start = panned.view()
    const perPixel = (start.to - start.from) / self.over.clientWidth
    const viewAt = (moved: MouseEvent): View => {
      const shift = (event.clientX - moved.clientX) * perPixel
      return { from: start.from + shift, to: start.to + shift }
    }
    const move = (moved: MouseEvent): void => panned.show(viewAt(moved))
    const end = (moved: MouseEvent): void => {
      document.removeEventListener('mousemove', move)
      document.removeEventListener('mouseup', end)
      if (moved.clientX !== event.clientX) panned.end(viewAt(moved))
    }
    document.addEventListener('mousemove', move)
    document.addEventListener('mouseup', end)
    return null
  }
}

type Handler = (event: MouseEvent) => null
type Binding = (self: uPlot, target: HTMLElement, usual: Handler) => Handler
