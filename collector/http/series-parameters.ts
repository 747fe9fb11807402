import { PgherdError } from '../../common/errors.ts'
import type { Matcher } from '../../common/series/matcher.ts'
import type { ApiContext } from './api-context.ts'
import { invalidParameter, readLimit } from './request-parameters.ts'
import type { RequestParameters } from './request-parameters.ts'
import { readTime } from './time-parameters.ts'

export interface SeriesParameters {
  readonly selectors: readonly (readonly Matcher[])[]
  readonly fromMs: number
  readonly toMs: number
  readonly limit: number
}

/** match[], start, end and limit of the metadata routes; without a time all of it is meant, as in Prometheus. */
export function readSeriesParameters(parameters: RequestParameters, { deps }: ApiContext): SeriesParameters {
  const fromMs = readTime(parameters, 'start', 0)
  const toMs = readTime(parameters, 'end', Number.MAX_SAFE_INTEGER)
  if (toMs < fromMs) throw invalidParameter('end', 'end timestamp must not be before start time')
  const selectors = parameters.all('match[]').flatMap((text) => {
    try {
      return deps.parseSelector(text)
    } catch (error) {
      if (error instanceof PgherdError && error.code === 'QUERY_INVALID') {
        throw invalidParameter('match[]', error.message)
      }
      throw error
    }
  })
  return { selectors, fromMs, toMs, limit: readLimit(parameters) }
}
