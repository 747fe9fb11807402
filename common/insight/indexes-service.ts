import type { IndexListing, IndexQuery } from './index-view.ts'

/** What is wrong with indexes, and what can be done. */
export interface IndexesService {
  list(query: IndexQuery): IndexListing
}
