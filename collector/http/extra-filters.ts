import { PgherdError } from '../../common/errors.ts'
import type { Matcher } from '../../common/series/matcher.ts'
import type { ApiContext } from './api-context.ts'
import type { Selectors } from './query-language.ts'
import { invalidParameter } from './request-parameters.ts'
import type { RequestParameters } from './request-parameters.ts'

/** A selection costs a walk of the index for each. */
const maxSelectors = 1_000

/** The selectors of every `match[]` (or another parameter of that kind). */
export function readSelectors(
  parameters: RequestParameters,
  { deps }: ApiContext,
  name = 'match[]',
): Selectors {
  const texts = parameters.all(name)
  if (texts.length > maxSelectors) {
    throw invalidParameter(name, `there are ${texts.length} of them; at most ${maxSelectors} are accepted`)
  }
  return texts.flatMap((text) => {
    try {
      return deps.parseSelector(text)
    } catch (error) {
      if (error instanceof PgherdError && error.code === 'QUERY_INVALID') {
        throw invalidParameter(name, error.message)
      }
      throw error
    }
  })
}

/**
 * VictoriaMetrics' `extra_label=name=value`, which all hold, and `extra_filters[]=selector`, of which any must hold.
 * A proxy in front adds them so that its users see their own series only.
 * @returns an empty list where there are none
 */
export function readExtraFilters(parameters: RequestParameters, context: ApiContext): Selectors {
  const labels = parameters.all('extra_label').map((text): Matcher => {
    const mark = text.indexOf('=')
    if (mark <= 0) {
      throw invalidParameter('extra_label', `"${text.slice(0, 64)}" does not have the form name=value`)
    }
    return { name: text.slice(0, mark), operator: '=', value: text.slice(mark + 1) }
  })
  const filters = [
    ...readSelectors(parameters, context, 'extra_filters[]'),
    ...readSelectors(parameters, context, 'extra_filters'),
  ]
  if (filters.length === 0) return labels.length === 0 ? [] : [labels]
  return filters.map((filter) => [...filter, ...labels])
}

/** Selectors that match what both match. */
export function narrow(selectors: Selectors, filters: Selectors): Selectors {
  if (filters.length === 0) return selectors
  if (selectors.length === 0) return filters
  if (selectors.length * filters.length > maxSelectors) {
    throw invalidParameter(
      'extra_filters[]',
      `with the selectors of match[] they make more than ${maxSelectors}`,
    )
  }
  return selectors.flatMap((selector) => filters.map((filter) => [...selector, ...filter]))
}
