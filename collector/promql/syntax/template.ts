/**
 * A WITH template of MetricsQL, or an argument of one: a stretch of tokens that is parsed anew wherever its name
 * stands. Names in it mean what they meant where it was written, so a template sees those before it and never itself.
 */
export interface Template {
  readonly name: string
  /** undefined when it is used without parentheses. */
  readonly parameters: readonly string[] | undefined
  /** Token positions, `to` excluded. */
  readonly from: number
  readonly to: number
  readonly scope: Scope
}

/** Templates by name; the inner one hides the outer one. */
export type Scope = { readonly template: Template; readonly outer: Scope } | undefined
