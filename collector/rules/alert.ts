import type { LabelSet } from '../../common/series/label-set.ts'

/** One alert of a rule: a label set for which the expression holds or has held. Times are milliseconds. */
export interface Alert {
  /** With `alertname`; what the alert is known by. */
  readonly labels: LabelSet
  readonly annotations: Readonly<Record<string, string>>
  readonly value: number
  readonly state: 'pending' | 'firing' | 'inactive'
  /** Since when the expression holds. */
  readonly activeAtMs: number
  readonly firedAtMs: number | undefined
  readonly resolvedAtMs: number | undefined
  /** Since when it fires only because of keep_firing_for. */
  readonly keepFiringSinceMs: number | undefined
  readonly lastSentAtMs: number | undefined
}

/** What one evaluation found: the labels and annotations are expanded already. */
export interface ActiveResult {
  readonly labels: LabelSet
  readonly annotations: Readonly<Record<string, string>>
  readonly value: number
}

/** By labelKey() of the labels. */
export type Alerts = ReadonlyMap<string, Alert>
