import type { LabelPredicate } from '../../silences/match-labels.ts'

/** In which groups and when alerts are told; times are milliseconds (Alertmanager's documentation: route). */
export interface Route {
  /** By its matchers, behind those of the routes around it. */
  readonly key: string
  readonly fits: LabelPredicate
  /** Alerts with the same values of these labels are told together; `...` is all labels. */
  readonly groupBy: readonly string[]
  /** How long a new message waits for further alerts of its group. */
  readonly groupWaitMs: number
  /** Between two messages about a group. */
  readonly groupIntervalMs: number
  /** After which a group that still fires is told again. */
  readonly repeatIntervalMs: number
  readonly routes: readonly Route[]
}

/** The innermost of the first routes that fit. */
export function routeOf(root: Route, labels: Readonly<Record<string, string>>): Route {
  const inner = root.routes.find((route) => route.fits(labels))
  return inner === undefined ? root : routeOf(inner, labels)
}
