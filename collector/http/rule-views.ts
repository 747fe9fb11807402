/** What /api/v1/rules and /api/v1/alerts print; more properties than these are passed through. */
export interface AlertView {
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  readonly state: string
  readonly activeAt: string
  readonly value: string
}

export interface RuleView {
  readonly type: 'alerting' | 'recording'
  readonly name: string
  readonly labels?: Readonly<Record<string, string>>
  readonly alerts?: readonly AlertView[]
}

export interface RuleGroupView {
  readonly name: string
  readonly file: string
  readonly rules: readonly RuleView[]
}
