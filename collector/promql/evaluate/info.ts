import { labelValue, metricNameLabel } from '../../../common/series/label-set.ts'
import type { LabelSet } from '../../../common/series/label-set.ts'
import type { Matcher } from '../../../common/series/matcher.ts'
import type { Call, Expression, Shifted, Subquery, TimeShift, VectorSelector } from '../syntax/ast.ts'
import { matches, matchesEmpty } from '../syntax/match.ts'
import { createGroupKey, isMetadataLabel, withLabel } from './labels.ts'
import { queryFailed } from './query.ts'
import type { Query } from './query.ts'
import { selectInstant } from './select-instant.ts'
import type { Grid, Vector } from './values.ts'
import { createVectorBuilder } from './vector-builder.ts'

/** What a series and the info series that describe it have in common. */
const identifying = ['instance', 'job']
const identityOf = createGroupKey(identifying, false)
const byDefault: readonly Matcher[] = [{ name: metricNameLabel, operator: '=', value: 'target_info' }]
const anyInfo: Matcher = { name: metricNameLabel, operator: '=~', value: '.+_info' }

/** The info series found for a query: when each had its last sample decides between series of one name. */
interface InfoSeries {
  readonly vector: Vector
  readonly times: Vector
  readonly byIdentity: ReadonlyMap<string, readonly number[]>
}

/**
 * info(v, {matchers}): adds to each series the data labels of the info series (by default target_info) with the same
 * instance and job. The info series are looked up at the times that the selector inside v looks at.
 */
export async function joinInfo(call: Call, base: Vector, grid: Grid, query: Query): Promise<Vector> {
  const second = call.args[1]
  const given = second?.kind === 'selector' ? second.matchers : []
  const names = given.filter(({ name }) => name === metricNameLabel)
  const data = given.filter(({ name }) => name !== metricNameLabel)
  const positive = names.some(({ operator }) => operator === '=' || operator === '=~')
  const nameMatchers = names.length === 0 ? byDefault : positive ? names : [...names, anyInfo]
  const info = await selectInfo([...nameMatchers, ...data], call.args[0]!, grid, query)
  const wanted = new Set(data.map(({ name }) => name))
  const optional = data.every(matchesEmpty)
  const { steps } = base
  const builder = createVectorBuilder(steps, query)
  for (const [i, labels] of base.labels.entries()) {
    if (query.pacer.due()) await query.pacer.pause()
    const isInfo = nameMatchers.every((matcher) => matches(matcher, labelValue(labels, metricNameLabel)))
    const candidates = isInfo ? [] : (info.byIdentity.get(identityOf(labels)) ?? [])
    for (let k = 0; k < steps; k++) {
      if (base.present[i * steps + k] === 0) continue
      const found = latestOfEachName(info, candidates, k)
      if (found.length === 0 && !isInfo && !optional) continue
      const row = builder.row(
        enriched(
          labels,
          found.map((j) => info.vector.labels[j]!),
          wanted,
        ),
      )
      row.dropName ||= base.dropName[i] === 1
      row.values[k] = base.values[i * steps + k]!
      row.present[k] = 1
    }
  }
  return builder.finish()
}

async function selectInfo(
  matchers: readonly Matcher[],
  base: Expression,
  grid: Grid,
  query: Query,
): Promise<InfoSeries> {
  const shift = shiftInside(base)
  const selector: VectorSelector = {
    kind: 'selector',
    matchers,
    orMatchers: [],
    edges: undefined,
    offset: shift?.offset,
    at: shift?.at,
    span: base.span,
  }
  const vector = await selectInstant(selector, grid, query, false)
  const byIdentity = new Map<string, number[]>()
  for (const [j, labels] of vector.labels.entries()) {
    const key = identityOf(labels)
    const known = byIdentity.get(key)
    if (known === undefined) byIdentity.set(key, [j])
    else known.push(j)
  }
  return { vector, times: await selectInstant(selector, grid, query, true), byIdentity }
}

/** When the first selector inside an expression looks: its own shift, and those of the subqueries around it. */
function shiftInside(node: Expression): TimeShift | undefined {
  switch (node.kind) {
    case 'number':
    case 'string':
      return undefined
    case 'selector':
      return node
    case 'range':
      return node.selector
    case 'subquery':
      return addShifts(shiftInside(node.expression), node)
    case 'shifted':
      return addShifts(shiftInside(node.expression), node)
    case 'paren':
    case 'aggregation':
      return shiftInside(node.expression)
    case 'unary':
      return shiftInside(node.operand)
    case 'binary':
      return shiftInside(node.left) ?? shiftInside(node.right)
    case 'call':
      return node.args.map(shiftInside).find((shift) => shift !== undefined)
  }
}

function addShifts(inner: TimeShift | undefined, outer: Subquery | Shifted): TimeShift | undefined {
  if (inner === undefined || inner.at !== undefined) return inner
  const { at } = outer
  if (inner.offset === undefined || outer.offset === undefined) {
    return { at, offset: inner.offset ?? outer.offset }
  }
  const { span } = outer
  return { at, offset: { kind: 'operation', operator: '+', left: inner.offset, right: outer.offset, span } }
}

function latestOfEachName(
  { vector, times }: InfoSeries,
  candidates: readonly number[],
  step: number,
): number[] {
  const best = new Map<string, number>()
  for (const j of candidates) {
    const cell = j * vector.steps + step
    if (vector.present[cell] === 0) continue
    const name = labelValue(vector.labels[j]!, metricNameLabel)
    const rival = best.get(name)
    const rivalTime = rival === undefined ? -Infinity : times.values[rival * vector.steps + step]!
    if (times.values[cell] === rivalTime) {
      throw queryFailed(
        `found duplicate series for info metric ${name}: labels must be unique per instance and job`,
      )
    }
    if (times.values[cell]! > rivalTime) best.set(name, j)
  }
  return [...best.values()]
}

/** The labels with the data labels of the info series; those a series already has win. */
function enriched(base: LabelSet, infos: readonly LabelSet[], wanted: ReadonlySet<string>): LabelSet {
  const added = new Map<string, string>()
  for (const info of infos) {
    for (let i = 0; i < info.length; i += 2) {
      const name = info[i]!
      const value = info[i + 1]!
      if (identifying.includes(name) || isMetadataLabel(name) || labelValue(base, name) !== '') continue
      if (wanted.size > 0 && !wanted.has(name)) continue
      if ((added.get(name) ?? value) !== value) throw queryFailed(`conflicting label: ${name}`)
      added.set(name, value)
    }
  }
  let labels = base
  for (const [name, value] of added) labels = withLabel(labels, name, value)
  return labels
}
