import type { ClusterSettings } from '../../../common/tuning/cluster-settings.ts'
import type { SettingsSession } from '../read-settings.ts'

/** Values as somebody wants them, in any spelling that PostgreSQL takes. */
export interface ChangeRequest {
  readonly settings: ReadonlyMap<string, string>
  /** What the operator saw: a setting that has another value by now is not changed. Empty where nothing was said. */
  readonly expected: ReadonlyMap<string, string>
  readonly guard: GuardRequest
  /** Whoever asks has seen that every standby has at least as much already, which cannot be seen from the primary. */
  readonly standbysAreReady?: boolean
}

export interface GuardRequest {
  /** How long it is watched, seconds; 0 for not at all. */
  readonly windowSeconds: number
  /** How much worse a guard metric may get, such as 0.2 for 20 %. */
  readonly bound: number
  /** How long it is looked at beforehand; 20 unless told. */
  readonly baselineSeconds?: number
}

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
