import type { RecentSample } from '../../common/insight/recent-sample.ts'
import type { Figure } from '../../common/self-metrics.ts'
import type { SampleTable } from '../../common/series/sample-table.ts'

/** One thing that is found out of one server. */
export interface InsightPart {
  readonly name: string
  /**
   * Told with the server's next scrape, under the labels of its source. The very same table as before is a result that has not
   * changed, which costs less. Never throws or waits.
   */
  tables(): readonly SampleTable[]
  /** Until the signal aborts. Never rejects. */
  run(signal: AbortSignal): Promise<void>
  /** About the part itself. Of several servers they are joined by name, so give them a label `server`. */
  readonly figures?: readonly Figure[]
  /** What sessions worked since then, of the last hour. @throws what reading it throws */
  readonly recentSessions?: (sinceMs: number) => Promise<readonly RecentSample[]>
}
