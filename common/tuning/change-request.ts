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
