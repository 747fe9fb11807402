import type { Matcher } from '../../common/series/matcher.ts'

export type Selectors = readonly (readonly Matcher[])[]

/** What is asked about PromQL besides an answer. All throw PgherdError QUERY_INVALID for text that does not parse. */
export interface QueryLanguage {
  /** The same expression with every selector narrowed to series that any of the filters matches. */
  addFilters(text: string, filters: Selectors): string
  /** The expression in its one canonical form, templates expanded. */
  format(text: string): string
  /** The syntax tree as Prometheus' /api/v1/parse_query shows it. */
  describe(text: string): unknown
  /** Whether labels pass any of the selectors. */
  matches(labels: Readonly<Record<string, string>>, selectors: Selectors): boolean
}
