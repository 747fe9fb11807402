import type {
  CompareRequest,
  ComparedQueries,
  FoundQueries,
  QueryFilter,
  TimeSpan,
  TopQueries,
  TopRequest,
} from './queries-view.ts'
import type { QueryText } from './query-texts-view.ts'

/**
 * The statistics of statements.
 * @throws PgherdError of the store's queries
 */
export interface QueriesService {
  top(request: TopRequest, signal: AbortSignal): Promise<TopQueries>
  one(
    request: { readonly query: string } & QueryFilter & TimeSpan,
    signal: AbortSignal,
  ): Promise<FoundQueries>
  compare(request: CompareRequest, signal: AbortSignal): Promise<ComparedQueries>
  texts(filter: Pick<QueryFilter, 'cluster' | 'datname'>, queries: readonly string[]): readonly QueryText[]
}
