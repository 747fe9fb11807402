import type { CallInput, FunctionImplementation } from '../evaluate/query.ts'
import { dropNames } from '../evaluate/series-merge.ts'
import { allocateVector } from '../evaluate/values.ts'
import type { Scalar, Vector } from '../evaluate/values.ts'
import { mapValues, vectorArgument } from './implement.ts'

/** The evaluation time of each step, in seconds. */
function evaluationTimes({ grid }: CallInput): Float64Array {
  const out = new Float64Array(grid.count)
  for (let k = 0; k < grid.count; k++) out[k] = (grid.startMs + k * grid.stepMs) / 1000
  return out
}

/** A function of a time given in seconds (UTC); without argument of the evaluation time. */
function calendar(fn: (date: Date) => number): FunctionImplementation {
  return async (input) => {
    const times: Vector =
      input.args.length > 0
        ? vectorArgument(input)
        : { ...allocateVector([[]], input.grid.count), values: evaluationTimes(input) }
    if (input.args.length === 0) times.present.fill(1)
    const date = new Date(0)
    const vector = await mapValues(
      times,
      (seconds) => {
        date.setTime(Math.trunc(seconds) * 1000)
        return fn(date)
      },
      input,
    )
    return dropNames(vector, input.query)
  }
}

function constant(valueOf: (input: CallInput) => number): FunctionImplementation {
  return (input): Scalar => ({
    kind: 'scalar',
    values: new Float64Array(input.grid.count).fill(valueOf(input)),
  })
}

const dayMs = 86_400_000

/** The evaluation time, the query's own times, and calendar parts of a time. */
export const timeFunctions: Readonly<Record<string, FunctionImplementation>> = {
  time: (input): Scalar => ({ kind: 'scalar', values: evaluationTimes(input) }),
  // Of a selector timestamp() is the time of the sample: the evaluator handles that. Anything else is of now.
  timestamp: (input) => {
    const vector = vectorArgument(input)
    const times = evaluationTimes(input)
    const values = new Float64Array(vector.values.length)
    for (let i = 0; i < vector.labels.length; i++) values.set(times, i * vector.steps)
    return dropNames({ ...vector, values }, input.query)
  },
  start: constant(({ query }) => query.startMs / 1000),
  end: constant(({ query }) => query.endMs / 1000),
  step: constant(({ query }) => query.stepMs / 1000),
  range: constant(({ query }) => (query.endMs - query.startMs) / 1000),
  minute: calendar((date) => date.getUTCMinutes()),
  hour: calendar((date) => date.getUTCHours()),
  day_of_week: calendar((date) => date.getUTCDay()),
  day_of_month: calendar((date) => date.getUTCDate()),
  day_of_year: calendar(
    (date) => Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0)) / dayMs) + 1,
  ),
  days_in_month: calendar((date) =>
    new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate(),
  ),
  month: calendar((date) => date.getUTCMonth() + 1),
  year: calendar((date) => date.getUTCFullYear()),
}
