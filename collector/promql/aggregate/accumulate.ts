import { compensation, meanOf, sumOf } from '../evaluate/kahan.ts'
import type { Groups } from '../evaluate/group-series.ts'
import type { Query } from '../evaluate/query.ts'
import { reserveCells } from '../evaluate/query.ts'
import { allocateVector } from '../evaluate/values.ts'
import type { Vector } from '../evaluate/values.ts'
import type { Rows } from './rows.ts'

/** Adds series after series to the columns of its group; present cells count. */
type Accumulate = (rows: Rows, groups: Groups, query: Query) => Promise<Vector>

/** Adds the cells of one series, from `from` on, to those of its group in `out`, from `to` on, and marks these. */
type AddSeries = (vector: Vector, from: number, out: Vector, to: number) => void

/** Runs `add` for each series. */
async function eachSeries(rows: Rows, groups: Groups, query: Query, add: AddSeries): Promise<Vector> {
  const { steps, cells } = rows
  reserveCells(query, groups.labels.length, steps)
  const out = allocateVector(groups.labels, steps, groups.dropName)
  for (let i = 0; i < groups.groupOf.length; i++) {
    if (query.pacer.due()) await query.pacer.pause()
    add(cells, rows.take(i), out, groups.groupOf[i]! * steps)
  }
  return out
}

/** Compensated like sumOf. */
const sum: Accumulate = async (rows, groups, query) => {
  const lost = new Float64Array(groups.labels.length * rows.steps)
  const out = await eachSeries(rows, groups, query, (from, start, to, first) =>
    addCompensated(from, start, to, first, lost),
  )
  const sums = out.values
  let all: Vector | undefined
  for (let cell = 0; cell < sums.length; cell++) {
    if (!Number.isFinite(sums[cell]!)) continue
    if (Number.isNaN(lost[cell])) {
      // What was lost next to the largest double is beyond it on the way.
      const members = membersOfCell((all ??= await rows.all()), groups, cell)
      sums[cell] = sumOf(members, 0, members.length)
    } else sums[cell]! += lost[cell]!
  }
  return out
}

/**
 * Adds to `lost` what each addition loses, found without a look at which of the two is larger (Knuth, The Art of Computer
 * Programming 2, 4.2.2, theorem B): exactly what compensation() gives as long as the sum stays finite.
 */
function addCompensated(from: Vector, start: number, out: Vector, to: number, lost: Float64Array): void {
  const { values, steps } = from
  if (!isFull(from, start)) {
    addPresent(from, start, out, to, lost)
    return
  }
  const { values: sums, present } = out
  for (let k = 0; k < steps; k++) {
    const value = values[start + k]!
    const before = sums[to + k]!
    const total = before + value
    const added = total - before
    lost[to + k]! += before - (total - added) + (value - added)
    sums[to + k] = total
  }
  present.fill(1, to, to + steps)
}

function isFull({ present, steps }: Vector, start: number): boolean {
  for (let cell = start; cell < start + steps; cell++) if (present[cell] === 0) return false
  return true
}

function addPresent(
  { steps, values, present }: Vector,
  from: number,
  out: Vector,
  to: number,
  lost: Float64Array,
): void {
  const { values: sums, present: outPresent } = out
  for (let k = 0; k < steps; k++) {
    if (present[from + k] === 0) continue
    const cell = to + k
    outPresent[cell] = 1
    const value = values[from + k]!
    lost[cell]! += compensation(sums[cell]!, value)
    sums[cell]! += value
  }
}

const count: Accumulate = (rows, groups, query) =>
  eachSeries(rows, groups, query, ({ steps, present }, from, out, to) => {
    const { values: counts, present: outPresent } = out
    for (let k = 0; k < steps; k++) {
      if (present[from + k] === 0) continue
      counts[to + k]!++
      outPresent[to + k] = 1
    }
  })

const avg: Accumulate = async (rows, groups, query) => {
  const cells = groups.labels.length * rows.steps
  const lost = new Float64Array(cells)
  const counts = new Float64Array(cells)
  const out = await eachSeries(rows, groups, query, (from, start, to, first) => {
    addCompensated(from, start, to, first, lost)
    for (let k = 0; k < rows.steps; k++) counts[first + k]! += from.present[start + k]!
  })
  let all: Vector | undefined
  for (let cell = 0; cell < cells; cell++) {
    const total = out.values[cell]! + lost[cell]!
    if (Number.isFinite(total)) out.values[cell] = total / counts[cell]!
    else {
      // A sum beyond the largest double says nothing about the mean: take that cell's values one by one.
      all ??= await rows.all()
      const members = membersOfCell(all, groups, cell)
      out.values[cell] = meanOf(members, 0, members.length)
    }
  }
  return out
}

function membersOfCell({ steps, values, present }: Vector, groups: Groups, cell: number): Float64Array {
  const group = Math.floor(cell / steps)
  const step = cell % steps
  const members: number[] = []
  for (let i = 0; i < groups.groupOf.length; i++) {
    if (groups.groupOf[i] === group && present[i * steps + step] === 1)
      members.push(values[i * steps + step]!)
  }
  return Float64Array.from(members)
}

// NaN gives way to everything.
const min: Accumulate = (rows, groups, query) =>
  eachSeries(rows, groups, query, ({ steps, values, present }, from, out, to) => {
    const { values: least, present: outPresent } = out
    for (let k = 0; k < steps; k++) {
      if (present[from + k] === 0) continue
      const value = values[from + k]!
      const champion = least[to + k]!
      if (outPresent[to + k] === 0 || value < champion || champion !== champion) least[to + k] = value
      outPresent[to + k] = 1
    }
  })

const max: Accumulate = (rows, groups, query) =>
  eachSeries(rows, groups, query, ({ steps, values, present }, from, out, to) => {
    const { values: most, present: outPresent } = out
    for (let k = 0; k < steps; k++) {
      if (present[from + k] === 0) continue
      const value = values[from + k]!
      const champion = most[to + k]!
      if (outPresent[to + k] === 0 || value > champion || champion !== champion) most[to + k] = value
      outPresent[to + k] = 1
    }
  })

const group: Accumulate = (rows, groups, query) =>
  eachSeries(rows, groups, query, ({ steps, present }, from, out, to) => {
    for (let k = 0; k < steps; k++) if (present[from + k] === 1) out.values[to + k] = out.present[to + k] = 1
  })

/** Population variance (Welford). */
const stdvar: Accumulate = async (rows, groups, query) => {
  const cells = groups.labels.length * rows.steps
  const counts = new Float64Array(cells)
  const means = new Float64Array(cells)
  const out = await eachSeries(rows, groups, query, ({ steps, values, present }, from, squares, to) => {
    for (let k = 0; k < steps; k++) {
      if (present[from + k] === 0) continue
      const cell = to + k
      squares.present[cell] = 1
      const seen = ++counts[cell]!
      const delta = values[from + k]! - means[cell]!
      means[cell]! += delta / seen
      squares.values[cell]! += delta * (values[from + k]! - means[cell]!)
    }
  })
  for (let cell = 0; cell < cells; cell++) out.values[cell]! /= counts[cell]!
  return out
}

const stddev: Accumulate = async (rows, groups, query) => {
  const out = await stdvar(rows, groups, query)
  for (let cell = 0; cell < out.values.length; cell++) out.values[cell] = Math.sqrt(out.values[cell]!)
  return out
}

/** The aggregations that need one series at a time. */
export const accumulators = { sum, avg, count, min, max, group, stddev, stdvar } as const

export function isAccumulator(operator: string): operator is keyof typeof accumulators {
  return Object.hasOwn(accumulators, operator)
}
