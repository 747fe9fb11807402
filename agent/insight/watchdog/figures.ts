import type { SampleTable } from '../../../common/series/sample-table.ts'
import type { InsightMetric } from '../metric.ts'
import type { Policy } from './policy.ts'

/** What the watchdog tells of a server. Sessions and leftovers are counted by the rule that found them. */
export const watchdogMetrics: readonly InsightMetric[] = [
  {
    name: 'pgherd_watchdog_policy_ok',
    kind: 'gauge',
    help: '1 while the policy file of the watchdog has no mistakes, else 0: then the policy before it stays.',
    labels: [],
  },
  { name: 'pgherd_watchdog_dry_run', kind: 'gauge', help: '1 while the policy signals nobody.', labels: [] },
  {
    name: 'pgherd_watchdog_sessions',
    kind: 'gauge',
    help: 'Sessions that a rule of the watchdog finds now.',
    labels: ['rule'],
  },
  {
    name: 'pgherd_watchdog_found_total',
    kind: 'counter',
    help: 'Sessions, prepared transactions and slots that a rule of the watchdog has reported.',
    labels: ['rule'],
  },
  {
    name: 'pgherd_watchdog_acted_total',
    kind: 'counter',
    help: 'Sessions that a rule of the watchdog has signalled.',
    labels: ['action', 'rule'],
  },
  {
    name: 'pgherd_watchdog_dry_total',
    kind: 'counter',
    help: 'Sessions that a rule of the watchdog would have signalled if its policy were not a trial.',
    labels: ['action', 'rule'],
  },
  {
    name: 'pgherd_watchdog_capped_total',
    kind: 'counter',
    help: 'Sessions whose signal had to wait, because the policy allows only so many a minute.',
    labels: ['rule'],
  },
  {
    name: 'pgherd_watchdog_failed_total',
    kind: 'counter',
    help: 'Signals that a rule of the watchdog could not send, or that had no effect.',
    labels: ['rule'],
  },
]

const perRule = ['sessions', 'found', 'capped', 'failed'] as const
const perAction = ['acted', 'dry'] as const
export type RuleFigure = (typeof perRule)[number]
export type ActionFigure = (typeof perAction)[number]
const actions = ['cancel', 'terminate'] as const

export interface WatchdogFigures {
  /** Rules that are new begin with 0, so that a rate misses nothing. @param policy undefined where there is none; a wrong first one is told */
  follow(policy: Policy | undefined, isOk: boolean): void
  add(figure: Exclude<RuleFigure, 'sessions'>, rule: string): void
  addAction(figure: ActionFigure, rule: string, action: 'cancel' | 'terminate'): void
  found(counts: ReadonlyMap<string, number>): void
  count(figure: RuleFigure | ActionFigure, rule: string): number
  /** The very same tables until something changes. */
  tables(): readonly SampleTable[]
}

export function createWatchdogFigures(): WatchdogFigures {
  const values = new Map<string, number>()
  let rules: readonly string[] = []
  let isDry = true
  let isOk = true
  let isWanted = false
  let made: readonly SampleTable[] | undefined
  const keyOf = (figure: string, rule: string, action = ''): string => `${figure} ${rule} ${action}`
  const set = (key: string, value: number): void => {
    if ((values.get(key) ?? 0) === value) return
    values.set(key, value)
    made = undefined
  }
  const bump = (key: string): void => set(key, (values.get(key) ?? 0) + 1)
  const of = (figure: string, rule: string, action = ''): number =>
    values.get(keyOf(figure, rule, action)) ?? 0
  return {
    follow(policy, ok) {
      const names = policy?.rules.map(({ name }) => name) ?? []
      const dry = policy?.dry_run ?? true
      const wanted = policy !== undefined || !ok
      if (names.join() === rules.join() && dry === isDry && ok === isOk && wanted === isWanted) return
      rules = names
      isDry = dry
      isOk = ok
      isWanted = wanted
      made = undefined
    },
    add: (figure, rule) => bump(keyOf(figure, rule)),
    addAction: (figure, rule, action) => bump(keyOf(figure, rule, action)),
    found(counts) {
      for (const rule of rules) set(keyOf('sessions', rule), counts.get(rule) ?? 0)
    },
    count: (figure, rule) => of(figure, rule) + actions.reduce((sum, one) => sum + of(figure, rule, one), 0),
    tables() {
      if (!isWanted) return []
      made ??= [
        {
          metrics: ['pgherd_watchdog_policy_ok', 'pgherd_watchdog_dry_run'],
          labelNames: [],
          rows: [{ labels: [], values: [Number(isOk), Number(isDry)] }],
        },
        {
          metrics: perRule.map((one) =>
            one === 'sessions' ? `pgherd_watchdog_${one}` : `pgherd_watchdog_${one}_total`,
          ),
          labelNames: ['rule'],
          rows: rules.map((rule) => ({ labels: [rule], values: perRule.map((one) => of(one, rule)) })),
        },
        {
          metrics: perAction.map((one) => `pgherd_watchdog_${one}_total`),
          labelNames: ['action', 'rule'],
          rows: rules.flatMap((rule) =>
            actions.map((action) => ({
              labels: [action, rule],
              values: perAction.map((one) => of(one, rule, action)),
            })),
          ),
        },
      ]
      return made
    },
  }
}
