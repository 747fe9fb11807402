import { createEngine } from '../../../collector/promql/engine.ts'
import type { Queryable } from '../../../collector/promql/queryable.ts'
import type { LabelSet } from '../../../common/series/label-set.ts'

const engine = createEngine()

/** The samples of an instant query as `{a="b"} 1` lines, in their order; a scalar is one line. */
export async function ask(queryable: Queryable, text: string, timeMs: number): Promise<string[]> {
  const result = await engine.instant(queryable, text, timeMs)
  switch (result.type) {
    case 'scalar':
    case 'string':
      return [String(result.value)]
    case 'vector':
      return result.samples.map(({ labels, value }) => `${show(labels)} ${value}`)
    case 'matrix':
      return result.series.map(({ labels, values }) => `${show(labels)} ${values.join(' ')}`)
  }
}

/** The series of a range query as `{a="b"} 1@0 2@15000` lines. */
export async function askRange(
  queryable: Queryable,
  text: string,
  startMs: number,
  endMs: number,
  stepMs: number,
): Promise<string[]> {
  const { series } = await engine.range(queryable, text, startMs, endMs, stepMs)
  return series.map(({ labels, timestamps, values }) => {
    const points = Array.from(values, (value, i) => `${value}@${timestamps[i]!}`)
    return `${show(labels)} ${points.join(' ')}`
  })
}

function show(labels: LabelSet): string {
  const pairs: string[] = []
  for (let i = 0; i < labels.length; i += 2) pairs.push(`${labels[i]!}="${labels[i + 1]!}"`)
  return `{${pairs.join(',')}}`
}
