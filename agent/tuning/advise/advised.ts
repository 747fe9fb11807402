import type { RuleDraft } from '../rules/rule.ts'

/** A value that a rule or the baseline would have, before it is held against the server and the others. */
export interface Advised extends RuleDraft {
  /** What made it, such as `W1` or `baseline.work_mem`. */
  readonly rule: string
}

/** What is left of some advised values, and why others are not among them, a sentence each. */
export interface Sifted {
  readonly advised: readonly Advised[]
  readonly notes: readonly string[]
}

/** What one value is about: a setting of the server, or of one role, database or table. */
export function subjectOf({ parameter, scope }: Pick<RuleDraft, 'parameter' | 'scope'>): string {
  return [parameter, scope?.role ?? '', scope?.database ?? '', scope?.table ?? ''].join('\0')
}
