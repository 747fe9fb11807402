import { labelValue, metricNameLabel } from '../../../common/series/label-set.ts'
import type { LabelSet } from '../../../common/series/label-set.ts'
import { filterLabels, isValidLabelName, withLabel } from '../evaluate/labels.ts'
import { queryFailed } from '../evaluate/query.ts'
import type { CallInput, FunctionImplementation, Query } from '../evaluate/query.ts'
import { dropNames, mergeSameLabels } from '../evaluate/series-merge.ts'
import { takeSeries } from '../evaluate/take-series.ts'
import type { Vector } from '../evaluate/values.ts'
import { parseNumber } from '../syntax/numbers.ts'
import { quote } from '../syntax/quoting.ts'
import { compileAnchored, compilePattern, regexProblem } from '../syntax/regex.ts'
import { mapValues, textArgument, vectorArgument } from './implement.ts'

/** Changes the labels of each series; two series that become equal are an error, unless they take turns. */
function relabelled(vector: Vector, change: (labels: LabelSet) => LabelSet, query: Query): Promise<Vector> {
  const dropName = vector.dropName.slice()
  const labels = vector.labels.map((before, i) => {
    const after = change(before)
    // A name that was given on purpose is not the one that was to be dropped.
    if (labelValue(after, metricNameLabel) !== labelValue(before, metricNameLabel)) dropName[i] = 0
    return after
  })
  return mergeSameLabels({ ...vector, labels, dropName }, query)
}

const relabelling =
  (
    prepare: (texts: readonly string[], input: CallInput) => (labels: LabelSet) => LabelSet,
  ): FunctionImplementation =>
  (input) => {
    const texts = input.args.slice(1).map((_, i) => textArgument(input, i + 1))
    return relabelled(vectorArgument(input), prepare(texts, input), input.query)
  }

function pairsOf(texts: readonly string[], { call }: CallInput): (readonly [string, string])[] {
  if (texts.length % 2 === 1)
    throw queryFailed(`${call.name}() takes its texts in pairs, got ${texts.length}`)
  return texts.flatMap((text, i) => (i % 2 === 0 ? [[text, texts[i + 1]!] as const] : []))
}

function requireNames(names: readonly string[], { call }: CallInput): void {
  const wrong = names.find((name) => !isValidLabelName(name))
  if (wrong !== undefined) throw queryFailed(`invalid label name in ${call.name}(): ${quote(wrong)}`)
}

const labelSet = relabelling((texts, input) => {
  const pairs = pairsOf(texts, input)
  requireNames(
    pairs.map(([name]) => name),
    input,
  )
  return (labels) => pairs.reduce((set, [name, value]) => withLabel(set, name, value), labels)
})

const copyLabels = (removeSource: boolean): FunctionImplementation =>
  relabelling((texts, input) => {
    const pairs = pairsOf(texts, input)
    requireNames(texts, input)
    return (labels) =>
      pairs.reduce((set, [from, to]) => {
        const value = labelValue(set, from)
        if (value === '' || from === to) return set
        return withLabel(removeSource ? withLabel(set, from, '') : set, to, value)
      }, labels)
  })

const labelMap = relabelling((texts, input) => {
  const [label = '', ...values] = texts
  const pairs = new Map(pairsOf(values, input))
  requireNames([label], input)
  return (labels) => {
    const value = pairs.get(labelValue(labels, label))
    return value === undefined ? labels : withLabel(labels, label, value)
  }
})

const labelTransform = relabelling((texts, input) => {
  const [label = '', pattern = '', replacement = ''] = texts
  requireNames([label], input)
  requirePattern(pattern, input)
  const regex = compilePattern(pattern)
  return (labels) => {
    const value = labelValue(labels, label)
    return value === '' ? labels : withLabel(labels, label, regex.matcher(value).replaceAll(replacement))
  }
})

const changeCase = (change: (value: string) => string): FunctionImplementation =>
  relabelling(
    (names) => (labels) =>
      names.reduce((set, name) => withLabel(set, name, change(labelValue(set, name))), labels),
  )

function requirePattern(pattern: string, { call }: CallInput): void {
  if (regexProblem(pattern) !== undefined) {
    throw queryFailed(`invalid regular expression in ${call.name}(): ${pattern}`)
  }
}

const filtering =
  (wanted: boolean): FunctionImplementation =>
  (input) => {
    const vector = vectorArgument(input)
    const label = textArgument(input, 1)
    requirePattern(textArgument(input, 2), input)
    const regex = compileAnchored(textArgument(input, 2))
    return keepSeries(vector, (labels) => regex.matches(labelValue(labels, label)) === wanted)
  }

function keepSeries(vector: Vector, keep: (labels: LabelSet) => boolean): Vector {
  return takeSeries(
    vector,
    [...vector.labels.keys()].filter((i) => keep(vector.labels[i]!)),
  )
}

const labelsEqual: FunctionImplementation = (input) => {
  const names = input.args.slice(1).map((_, i) => textArgument(input, i + 1))
  return keepSeries(
    vectorArgument(input),
    (labels) => new Set(names.map((name) => labelValue(labels, name))).size <= 1,
  )
}

/** The number that a label holds, instead of the value; NaN where it is none. */
const labelNumber: FunctionImplementation = async (input) => {
  const vector = vectorArgument(input)
  const label = textArgument(input, 1)
  const out = await mapValues(vector, () => 0, input)
  for (const [i, labels] of vector.labels.entries()) {
    const text = labelValue(labels, label)
    const number = parseNumber(text.replace(/^[+-]/, ''))
    const value = number === undefined ? NaN : text.startsWith('-') ? -number : number
    out.values.fill(value, i * vector.steps, (i + 1) * vector.steps)
  }
  return dropNames(out, input.query)
}

/** Without the labels that have the same value in all series. */
const dropCommonLabels: FunctionImplementation = (input) => {
  const vector = vectorArgument(input)
  const [first = []] = vector.labels
  const common = new Set<string>()
  for (let i = 0; i < first.length; i += 2) {
    const [name, value] = [first[i]!, first[i + 1]!]
    if (vector.labels.every((labels) => labelValue(labels, name) === value)) common.add(name)
  }
  return relabelled(vector, (labels) => filterLabels(labels, (name) => !common.has(name)), input.query)
}

/** MetricsQL's functions that change, or filter by, labels. */
export const metricsqlLabelFunctions: Readonly<Record<string, FunctionImplementation>> = {
  label_set: labelSet,
  alias: relabelling(
    ([name = '']) =>
      (labels) =>
        withLabel(labels, metricNameLabel, name),
  ),
  label_del: relabelling((names) => (labels) => filterLabels(labels, (name) => !names.includes(name))),
  label_keep: relabelling((names) => (labels) => filterLabels(labels, (name) => names.includes(name))),
  label_copy: copyLabels(false),
  label_move: copyLabels(true),
  label_map: labelMap,
  label_transform: labelTransform,
  label_uppercase: changeCase((value) => value.toUpperCase()),
  label_lowercase: changeCase((value) => value.toLowerCase()),
  label_value: labelNumber,
  label_match: filtering(true),
  label_mismatch: filtering(false),
  labels_equal: labelsEqual,
  drop_common_labels: dropCommonLabels,
}
