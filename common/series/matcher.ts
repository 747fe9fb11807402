export const matcherOperators = ['=', '!=', '=~', '!~'] as const

/** One label matcher of a selector. Regular expressions are RE2 and anchored on both ends. */
export interface Matcher {
  readonly name: string
  readonly operator: (typeof matcherOperators)[number]
  readonly value: string
}
