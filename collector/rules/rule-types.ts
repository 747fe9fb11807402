import type { LabelSet } from '../../common/series/label-set.ts'
import type { Matcher } from '../../common/series/matcher.ts'
import type { SeriesSamples } from '../../common/series/samples.ts'

interface RuleDefinitionBase {
  readonly expression: string
  /** The group's labels with the rule's own on top; templates for alerts, plain text for recordings. */
  readonly labels: Readonly<Record<string, string>>
}

export interface RecordingRuleDefinition extends RuleDefinitionBase {
  readonly kind: 'recording'
  /** The metric that is written. */
  readonly name: string
}

export interface AlertingRuleDefinition extends RuleDefinitionBase {
  readonly kind: 'alerting'
  readonly name: string
  readonly forMs: number
  readonly keepFiringForMs: number
  /** Templates. */
  readonly annotations: Readonly<Record<string, string>>
}

export type RuleDefinition = RecordingRuleDefinition | AlertingRuleDefinition

/** Rules that are evaluated one after another, at one moment and in one interval. */
export interface RuleGroup {
  readonly name: string
  readonly file: string
  readonly intervalMs: number
  /** Rules look this far back, for data that arrives late. */
  readonly queryOffsetMs: number
  /** Most series or alerts one rule may produce; 0 means no limit. */
  readonly limit: number
  readonly rules: readonly RuleDefinition[]
}

export interface VectorSample {
  readonly labels: LabelSet
  readonly value: number
}

/** An expression at one moment; a scalar is a sample without labels. */
export type InstantQuery = (
  expression: string,
  timeMs: number,
  signal: AbortSignal,
) => Promise<readonly VectorSample[]>

/** Stores one sample per series, all at the same time; visible to queries when the promise resolves. */
export type AppendSamples = (
  timestampMs: number,
  series: readonly LabelSet[],
  values: Float64Array,
) => Promise<void>

/** Raw samples, stale markers included; the alert state of an earlier run is read from them. */
export type SelectSamples = (
  matchers: readonly Matcher[],
  fromMs: number,
  toMs: number,
) => Promise<readonly SeriesSamples[]>

/** An alert as Alertmanager gets it. Times are milliseconds since the epoch. */
export interface AlertNotification {
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  readonly startsAtMs: number
  /** In the past: resolved. In the future: firing, and forgotten by then unless it is sent again. */
  readonly endsAtMs: number
  readonly generatorUrl: string | undefined
}
