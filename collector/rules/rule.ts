import type { Alerts } from './alert.ts'
import type {
  AlertNotification,
  InstantQuery,
  RuleDefinition,
  SelectSamples,
  VectorSample,
} from './rule-types.ts'

/** What rules share with their surroundings. */
export interface RuleContext {
  readonly query: InstantQuery
  readonly select: SelectSamples
  readonly externalLabels: Readonly<Record<string, string>>
  /** '' when nobody has said under which address people reach the collector. */
  readonly externalUrl: string
  readonly resendDelayMs: number
}

/** A rule with its state. */
export interface Rule {
  readonly definition: RuleDefinition
  /**
   * Evaluates the rule for the moment `atMs`; queries look at `queryMs`.
   * @returns the samples to store
   * @throws PgherdError when the query fails or the limit is exceeded
   */
  evaluate(atMs: number, queryMs: number, signal: AbortSignal): Promise<readonly VectorSample[]>
  /** What Alertmanager has to know after the evaluation at `atMs`. */
  takeNotifications(atMs: number): readonly AlertNotification[]
  readonly alerts: Alerts
  /** What the rule that takes its place begins with: undefined until it has read what an earlier run left. */
  readonly heritage: Alerts | undefined
}
