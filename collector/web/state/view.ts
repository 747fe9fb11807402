import { defaultWindow, ranges } from '../query/time-window.ts'
import type { TimeWindow } from '../query/time-window.ts'
import type { Scope } from '../query/variables.ts'

/** What the reader is looking at; all of it stands in the page's address. */
export interface View {
  readonly scope: Scope
  readonly window: TimeWindow
  /** Whether the charts move on with time; the fleet and the alerts always do. */
  readonly live: boolean
}

export const defaultView: View = { scope: { cluster: null, node: null }, window: defaultWindow, live: true }

/** Reads a view from the address's hash; what is missing or makes no sense takes its default. */
export function parseView(hash: string): View {
  const parameters = new URLSearchParams(hash.replace(/^#/, ''))
  const text = (name: string): string | null => {
    const value = parameters.get(name)
    return value === null || value === '' || value.length > 128 ? null : value
  }
  return {
    scope: { cluster: text('cluster'), node: text('node') },
    window: parseWindow(parameters),
    live: parameters.get('live') !== 'off',
  }
}

function parseWindow(parameters: URLSearchParams): TimeWindow {
  const fromMs = Number(parameters.get('from'))
  const toMs = Number(parameters.get('to'))
  if (Number.isSafeInteger(fromMs) && Number.isSafeInteger(toMs) && fromMs > 0 && toMs > fromMs) {
    return { kind: 'between', fromMs, toMs }
  }
  const ms = ranges.get(parameters.get('range') ?? '')
  return ms === undefined ? defaultWindow : { kind: 'last', ms }
}

/** The hash that parses back to `view`; defaults are left out, so that the plain address stays plain. */
export function formatView(view: View): string {
  const parameters = new URLSearchParams()
  if (view.scope.cluster !== null) parameters.set('cluster', view.scope.cluster)
  if (view.scope.node !== null) parameters.set('node', view.scope.node)
  const { window } = view
  if (window.kind === 'between') {
    parameters.set('from', String(window.fromMs))
    parameters.set('to', String(window.toMs))
  } else {
    const name = [...ranges].find(([, ms]) => ms === window.ms)?.[0]
    const isDefault = defaultWindow.kind === 'last' && window.ms === defaultWindow.ms
    if (name !== undefined && !isDefault) parameters.set('range', name)
  }
  if (!view.live) parameters.set('live', 'off')
  const text = parameters.toString()
  return text === '' ? '' : `#${text}`
}
