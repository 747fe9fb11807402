import type { ValueType } from './ast.ts'

export interface Signature {
  readonly args: readonly ValueType[]
  /** How many arguments at the end may be left out; Infinity: the last may be repeated or left out. */
  readonly optional: number
  readonly returns: ValueType
  /** Whether the function is MetricsQL's and not Prometheus'. */
  readonly metricsql?: boolean
}

export const signature = (args: readonly ValueType[], returns: ValueType, optional = 0): Signature => ({
  args,
  optional,
  returns,
})

/** The same signature for each name of a list separated by white space. */
export const sameFor = (names: string, shape: Signature): [string, Signature][] =>
  names
    .trim()
    .split(/\s+/)
    .map((name) => [name, shape])
