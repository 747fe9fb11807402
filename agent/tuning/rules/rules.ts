import type { Rule } from './rule.ts'

/** All heuristics, one line each. */
export const rules: readonly Rule[] = []
