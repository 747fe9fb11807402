import { meanOf } from '../evaluate/kahan.ts'
import type { Groups } from '../evaluate/group-series.ts'
import type { Query } from '../evaluate/query.ts'
import { reserveCells } from '../evaluate/query.ts'
import { allocateVector } from '../evaluate/values.ts'
import type { Vector } from '../evaluate/values.ts'

/** Adds series after series to the columns of its group; present cells count. */
export type Accumulate = (vector: Vector, groups: Groups, query: Query) => Promise<Vector>

/** Runs `add` for each present cell with the cell of its group in the result, whose presence is then set. */
async function eachCell(
  vector: Vector,
  groups: Groups,
  query: Query,
  add: (out: Vector, group: number, value: number) => void,
): Promise<Vector> {
  const { steps, values, present } = vector
  reserveCells(query, groups.labels.length, steps)
  const out = allocateVector(groups.labels, steps, groups.dropName)
  for (let i = 0; i < groups.groupOf.length; i++) {
    if (query.pacer.due()) await query.pacer.pause()
    const to = groups.groupOf[i]! * steps
    for (let k = 0, cell = i * steps; k < steps; k++, cell++) {
      if (present[cell] === 0) continue
      add(out, to + k, values[cell]!)
      out.present[to + k] = 1
    }
  }
  return out
}

/** Compensated like sumOf, with the loop written out because it is the hottest of all aggregations. */
export const sum: Accumulate = async (vector, groups, query) => {
  const { steps, values, present } = vector
  reserveCells(query, groups.labels.length, steps)
  const out = allocateVector(groups.labels, steps, groups.dropName)
  const sums = out.values
  const lost = new Float64Array(sums.length)
  for (let i = 0; i < groups.groupOf.length; i++) {
    if (query.pacer.due()) await query.pacer.pause()
    let to = groups.groupOf[i]! * steps
    for (let cell = i * steps, end = cell + steps; cell < end; cell++, to++) {
      if (present[cell] === 0) continue
      out.present[to] = 1
      const value = values[cell]!
      const before = sums[to]!
      const total = before + value
      if (total === Infinity || total === -Infinity) lost[to] = 0
      else lost[to]! += Math.abs(before) >= Math.abs(value) ? before - total + value : value - total + before
      sums[to] = total
    }
  }
  for (let cell = 0; cell < sums.length; cell++) sums[cell]! += lost[cell]!
  return out
}

export const count: Accumulate = (vector, groups, query) =>
  eachCell(vector, groups, query, (out, cell) => {
    out.values[cell]! += 1
  })

export const avg: Accumulate = async (vector, groups, query) => {
  const sums = await sum(vector, groups, query)
  const counts = await count(vector, groups, query)
  for (let cell = 0; cell < sums.values.length; cell++) {
    // A sum beyond the largest double says nothing about the mean: take that cell's values one by one.
    sums.values[cell] = Number.isFinite(sums.values[cell]!)
      ? sums.values[cell]! / counts.values[cell]!
      : meanOfCell(vector, groups, cell)
  }
  return sums
}

function meanOfCell({ steps, values, present }: Vector, groups: Groups, cell: number): number {
  const group = Math.floor(cell / steps)
  const step = cell % steps
  const members: number[] = []
  for (let i = 0; i < groups.groupOf.length; i++) {
    if (groups.groupOf[i] === group && present[i * steps + step] === 1)
      members.push(values[i * steps + step]!)
  }
  return meanOf(Float64Array.from(members), 0, members.length)
}

const extreme =
  (wins: (challenger: number, champion: number) => boolean): Accumulate =>
  (vector, groups, query) =>
    eachCell(vector, groups, query, (out, cell, value) => {
      const champion = out.values[cell]!
      // NaN gives way to everything.
      if (out.present[cell] === 0 || wins(value, champion) || champion !== champion) out.values[cell] = value
    })

export const min = extreme((challenger, champion) => challenger < champion)
export const max = extreme((challenger, champion) => challenger > champion)

export const group: Accumulate = (vector, groups, query) =>
  eachCell(vector, groups, query, (out, cell) => {
    out.values[cell] = 1
  })

/** Population variance (Welford). */
export const stdvar: Accumulate = async (vector, groups, query) => {
  const cells = groups.labels.length * vector.steps
  const counts = new Float64Array(cells)
  const means = new Float64Array(cells)
  const out = await eachCell(vector, groups, query, (squares, cell, value) => {
    const seen = ++counts[cell]!
    const delta = value - means[cell]!
    means[cell]! += delta / seen
    squares.values[cell]! += delta * (value - means[cell]!)
  })
  for (let cell = 0; cell < cells; cell++) out.values[cell]! /= counts[cell]!
  return out
}

export const stddev: Accumulate = async (vector, groups, query) => {
  const out = await stdvar(vector, groups, query)
  for (let cell = 0; cell < out.values.length; cell++) out.values[cell] = Math.sqrt(out.values[cell]!)
  return out
}
