import type { InsightReport, InsightTopic } from '../../common/insight/insight-report.ts'

/** Who keeps what agents tell of one topic. */
export interface InsightBook {
  readonly topic: InsightTopic
  /**
   * Stores it before it returns. A transaction of the fleet's database is open and committed after it, so it begins none of its own:
   * a report is stored, told as an event and noted as taken, or nothing of it.
   * @param node whose agent tells it; it may speak for the report's server
   * @throws PgherdError BAD_DATA for a body of the wrong shape, which is then refused for good; anything else is tried again later
   */
  take(report: InsightReport, node: string): void
}
