import type { RE2JS } from 're2js'
import { labelValue, metricNameLabel } from '../../../common/series/label-set.ts'
import { isValidLabelName, withLabel } from '../evaluate/labels.ts'
import { queryFailed } from '../evaluate/query.ts'
import type { CallInput, FunctionImplementation } from '../evaluate/query.ts'
import { mergeSameLabels } from '../evaluate/series-merge.ts'
import type { Vector } from '../evaluate/values.ts'
import { quote } from '../syntax/quoting.ts'
import { compileAnchored, regexProblem } from '../syntax/regex.ts'
import { textArgument, vectorArgument } from './implement.ts'

function requireLabelName(input: CallInput, role: string, name: string): string {
  if (isValidLabelName(name)) return name
  throw queryFailed(`invalid ${role} label name in ${input.call.name}(): ${quote(name)}`)
}

const labelReplace: FunctionImplementation = (input) => {
  const destination = textArgument(input, 1)
  const replacement = textArgument(input, 2)
  const source = textArgument(input, 3)
  const pattern = textArgument(input, 4)
  if (regexProblem(pattern) !== undefined) {
    throw queryFailed(`invalid regular expression in label_replace(): ${pattern}`)
  }
  requireLabelName(input, 'destination', destination)
  const regex = compileAnchored(pattern)
  // Label values repeat across series; each is matched once.
  const known = new Map<string, string | undefined>()
  return relabel(input, destination, (labels) => {
    const value = labelValue(labels, source)
    if (known.has(value)) return known.get(value)
    const expanded = expand(regex, value, replacement)
    known.set(value, expanded)
    return expanded
  })
}

const reference = /\$(?:\$|\{(\w+)\}|(\w+))/g

/** The replacement with $1, ${1}, $name, ${name} and $$ filled in; undefined where the value does not match. */
function expand(regex: RE2JS, value: string, replacement: string): string | undefined {
  const matcher = regex.matcher(value)
  if (!matcher.matches()) return undefined
  const names = regex.namedGroups()
  return replacement.replace(reference, (whole, braced?: string, bare?: string) => {
    if (whole === '$$') return '$'
    const group = braced ?? bare ?? ''
    const index = /^\d+$/.test(group) ? Number(group) : Object.hasOwn(names, group) ? names[group] : undefined
    if (index === undefined || index > matcher.groupCount()) return ''
    return matcher.group(index) ?? ''
  })
}

const labelJoin: FunctionImplementation = (input) => {
  const destination = requireLabelName(input, 'destination', textArgument(input, 1))
  const separator = textArgument(input, 2)
  const sources: string[] = []
  for (let i = 3; i < input.args.length; i++) {
    sources.push(requireLabelName(input, 'source', textArgument(input, i)))
  }
  return relabel(input, destination, (labels) =>
    sources.map((source) => labelValue(labels, source)).join(separator),
  )
}

/** Sets one label of each series; undefined leaves it as it is. */
function relabel(
  input: CallInput,
  name: string,
  valueFor: (labels: readonly string[]) => string | undefined,
): Promise<Vector> {
  const vector = vectorArgument(input)
  const dropName = vector.dropName.slice()
  const labels = vector.labels.map((set, i) => {
    const value = valueFor(set)
    if (value === undefined) return set
    // A name that was given on purpose is not the one that was to be dropped.
    if (name === metricNameLabel) dropName[i] = 0
    return withLabel(set, name, value)
  })
  return mergeSameLabels({ ...vector, labels, dropName }, input.query)
}

/** Functions that change labels, not values. */
export const labelFunctions: Readonly<Record<string, FunctionImplementation>> = {
  label_replace: labelReplace,
  label_join: labelJoin,
}
