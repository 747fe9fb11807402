import { z } from 'zod'
import { vectorAnswer } from '../../api/answers.ts'
import type { CollectorClient } from '../../api/client.ts'
import type { TimeSpan } from '../../query/time-range.ts'
import type { Variable } from '../model/variable.ts'
import { parseVariableQuery, pickChoices, writtenChoices } from './choices.ts'
import type { VariableQuery } from './choices.ts'
import { choose } from './choose.ts'
import type { Choice } from './choose.ts'
import { expand } from './expand.ts'
import { inOrderOfNeed } from './order.ts'
import type { Selection, Selections } from './selection.ts'

/** A variable with what it can be and what it is. */
export interface LoadedVariable {
  readonly variable: Variable
  readonly choices: readonly Choice[]
  readonly selection: Selection
  /** Why its choices could not be had. */
  readonly error: string | null
}

/** In the board's order. */
export type LoadedVariables = readonly LoadedVariable[]

export function selectionsOf(loaded: LoadedVariables): Selections {
  return new Map(loaded.map(({ variable, selection }) => [variable.name, selection]))
}

const names = z.object({ data: z.array(z.string()) })

/** Finds the choices of all variables, each with the selections of those that it depends on. */
export async function loadVariables(
  client: Pick<CollectorClient, 'get'>,
  variables: readonly Variable[],
  address: URLSearchParams,
  span: TimeSpan,
  texts: ReadonlyMap<string, string>,
  signal: AbortSignal,
): Promise<LoadedVariables> {
  const loaded = new Map<string, LoadedVariable>()
  for (const variable of inOrderOfNeed(variables)) {
    const selections = new Map([...loaded].map(([name, { selection }]) => [name, selection]))
    let choices: readonly Choice[] = []
    let error: string | null = null
    try {
      choices = await choicesOf(variable, selections)
    } catch (reason) {
      signal.throwIfAborted()
      error = reason instanceof Error ? reason.message : String(reason)
    }
    loaded.set(variable.name, { variable, choices, selection: choose(variable, choices, address), error })
  }
  return variables.map(({ name }) => loaded.get(name)!)

  async function choicesOf(variable: Variable, selections: Selections): Promise<readonly Choice[]> {
    if (variable.type !== 'query') return writtenChoices(variable)
    const scope = { selections, texts }
    const query = parseVariableQuery(expand(variable.query, scope, 'promql'))
    if (query === null) throw new Error(`The query of $${variable.name} is not understood: ${variable.query}`)
    const regex = variable.regex ?? ''
    return pickChoices(await valuesOf(query), { ...variable, regex: expand(regex, scope, 'text') })
  }

  async function valuesOf(query: VariableQuery): Promise<readonly string[]> {
    const times = { start: String(span.fromMs / 1000), end: String(span.toMs / 1000) }
    switch (query.kind) {
      case 'labelValues': {
        const match: Readonly<Record<string, string>> =
          query.selector === null ? {} : { 'match[]': query.selector }
        const path = `api/v1/label/${encodeURIComponent(query.label)}/values`
        return (await client.get(path, { ...match, ...times }, names, signal)).data
      }
      case 'labelNames':
        return (await client.get('api/v1/labels', times, names, signal)).data
      case 'metrics': {
        const { data } = await client.get('api/v1/label/__name__/values', times, names, signal)
        return data.filter((name) => name.includes(query.pattern) || new RegExp(query.pattern).test(name))
      }
      case 'result': {
        const parameters = { query: query.expr, time: times.end }
        const { data } = await client.get('api/v1/query', parameters, vectorAnswer, signal)
        return data.result.map(({ metric: { __name__: name = '', ...labels }, value }) => {
          const pairs = Object.entries(labels).map(([label, text]) => `${label}="${text}"`)
          return `${name}{${pairs.join(',')}} ${value[1]} ${value[0] * 1000}`
        })
      }
    }
  }
}
