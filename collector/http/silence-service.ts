import type { LabelMatcher, PostableSilence, Silence } from '../../common/alerts/silence.ts'

/** The silences, wherever they are kept. */
export interface SilenceService {
  /** @throws PgherdError BAD_DATA, UNREACHABLE */
  list(filters: readonly LabelMatcher[], signal: AbortSignal): Promise<readonly Silence[]>
  one(id: string, signal: AbortSignal): Promise<Silence | undefined>
  /** @param by - who asks, for the audit @returns the id @throws PgherdError BAD_DATA, NOT_FOUND, UNREACHABLE, DISK_FULL */
  set(silence: PostableSilence, by: string, signal: AbortSignal): Promise<string>
  /** @throws PgherdError NOT_FOUND, UNREACHABLE, DISK_FULL */
  end(id: string, by: string, signal: AbortSignal): Promise<void>
}
