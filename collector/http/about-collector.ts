/** The collector about itself, for the status routes. */
export interface AboutCollector {
  readonly startedMs: number
  readonly directory: string
  /** Options and their values in effect, as text; no secrets. */
  readonly options: Readonly<Record<string, string>>
  readonly retention: string
  readonly alertmanagers: readonly string[]
  /** Of the rule files. */
  lastReload(): { readonly succeeded: boolean; readonly succeededMs: number }
  store(): {
    readonly corruptions: number
    readonly minTimeMs: number | undefined
    readonly maxTimeMs: number | undefined
  }
}
