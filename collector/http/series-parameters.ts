import type { ApiContext } from './api-context.ts'
import { narrow, readExtraFilters, readSelectors } from './extra-filters.ts'
import type { Selectors } from './query-language.ts'
import { invalidParameter, readLimit } from './request-parameters.ts'
import type { RequestParameters } from './request-parameters.ts'
import { readTime } from './time-parameters.ts'

export interface SeriesParameters {
  /** match[] alone. */
  readonly asked: Selectors
  /** match[] and the extra filters together: what to select. */
  readonly selectors: Selectors
  readonly fromMs: number
  readonly toMs: number
  readonly limit: number
}

/** match[], start, end, limit and the extra filters; without a time all of it is meant, as in Prometheus. */
export function readSeriesParameters(parameters: RequestParameters, context: ApiContext): SeriesParameters {
  const nowMs = context.deps.clock.now()
  const fromMs = readTime(parameters, 'start', nowMs, 0)
  const toMs = readTime(parameters, 'end', nowMs, Number.MAX_SAFE_INTEGER)
  if (toMs < fromMs) throw invalidParameter('end', 'end timestamp must not be before start time')
  const asked = readSelectors(parameters, context)
  const selectors = narrow(asked, readExtraFilters(parameters, context))
  return { asked, selectors, fromMs, toMs, limit: readLimit(parameters) }
}
