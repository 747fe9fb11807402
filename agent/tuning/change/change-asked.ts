import type { ClusterSettings } from '../../../common/tuning/cluster-settings.ts'
import type { SettingsSession } from '../read-settings.ts'

/** The server that is meant, and how it is reached. */
export interface ChangeAsked {
  /** Its ins label. */
  readonly server: string
  readonly session: SettingsSession
  readonly withKeeper: WithKeeper
  readonly signal: AbortSignal
  progress(percent: number | null, text: string): void
}

/** With the settings that Patroni has for its members; undefined where this agent knows of no Patroni. */
export type WithKeeper = <T>(
  scope: string,
  work: (keeper: ClusterSettings | undefined) => Promise<T>,
) => Promise<T>
