/** What the watchdog of a server sees and would do, for actions; agent/watchdog.ts fills it in. */
export interface WatchdogControls {
  /** Undefined for a server without one. */
  status(server: string): WatchdogSeen | undefined
}

export interface WatchdogSeen {
  /** Of the policy file as it is now; the policy is then the one before. */
  readonly problems: readonly string[]
  /** Undefined where there is no policy, so that nobody is looked at. */
  readonly isDry: boolean | undefined
  /** Since the last look, milliseconds; null before the first. */
  readonly lookedMs: number | null
  readonly rules: readonly WatchdogRule[]
  /** Those that a rule finds now, those that hold up most first. */
  readonly sessions: readonly WatchdogSession[]
  readonly leftovers: readonly { readonly case: string; readonly name: string; readonly about: string }[]
}

export interface WatchdogRule {
  readonly name: string
  readonly case: string
  readonly action: string
  readonly afterMs: number
  /** Since the agent has started. */
  readonly found: number
  readonly signalled: number
  readonly wouldBeSignalled: number
  readonly capped: number
  readonly failed: number
}

export interface WatchdogSession {
  readonly pid: number
  readonly role: string
  readonly database: string
  readonly application: string
  readonly client: string
  readonly rule: string
  readonly heldMs: number
  readonly harm: readonly string[]
  /** What comes next, or why nothing does. */
  readonly next: string
}
