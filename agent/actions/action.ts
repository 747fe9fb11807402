import type { z } from 'zod'
import type { Clock } from '../../common/clock.ts'
import type { ActionOutput } from '../../common/command/result.ts'
import type { RecentSample } from '../../common/insight/recent-sample.ts'
import type { ActionSession } from '../postgres/action-session.ts'

/** One typed command that an agent can run. Each is one file of kinds/, listed in kinds.ts. */
export interface Action<Args = unknown> {
  readonly kind: string
  /** One line for a person. */
  readonly what: string
  /** `read` changes nothing; `destructive` ends sessions or stops traffic. Only `read` runs beside another action. */
  readonly risk: 'read' | 'change' | 'destructive'
  /** A policy has to allow it by its own name: a rule for all of its risk does not. */
  readonly mustBeNamed?: true
  readonly target: 'node' | 'server' | 'pooler'
  /** `run` asks the agent alone about its target, which need not answer. */
  readonly asksAgentAlone?: boolean
  /** Strict: an argument that is not known is an error that names those that are. */
  readonly args: z.ZodType<Args>
  /** How long it may take unless the command says otherwise, milliseconds. */
  readonly deadlineMs: number
  readonly examples: readonly string[]
  /** Half a sentence for the operator: what may be left of it, and what to do, when the agent was killed while it ran. */
  readonly mayBeLeft?: string
  /** What `run` would do, one line each, read from the target as it is now. Changes nothing. */
  plan(context: ActionContext, args: Args): Promise<readonly string[]>
  /** The same with what a program is to have of it: asked in place of `plan` where it is there. */
  planInFull?(context: ActionContext, args: Args): Promise<ActionPlan>
  /** @throws PgherdError with a sentence for the operator */
  run(context: ActionContext, args: Args): Promise<ActionDone>
  /**
   * Changes back what `run` has noted with `mustUndo`, once it has thrown or its agent was killed; it may have to look whether there
   * is anything to change back, and is called again until it does not throw.
   * @returns half a sentence for the operator, such as `shop was resumed`
   */
  undo?(context: UndoContext, args: Args, noted: Noted): Promise<string>
  /** Reads from the target whether it worked; lines for the operator. @throws PgherdError when it did not. */
  verify?(context: ActionContext, args: Args, done: ActionDone): Promise<readonly string[]>
}

export interface ActionPlan {
  /** As `plan` tells them. */
  readonly steps: readonly string[]
  readonly output: readonly ActionOutput[]
}

export interface ActionDone {
  /** One sentence. */
  readonly message: string
  readonly output: readonly ActionOutput[]
  /** What `verify` compares with; nobody else gets it. */
  readonly countedBefore?: number
  /** As `countedBefore`, of what is no count: a place in the WAL, an instant. */
  readonly before?: string
}

/** What an action needs to undo what it did, as JSON. */
export type Noted = Readonly<Record<string, unknown>>

/** Undoing has no deadline and nobody who waits for it; its signal aborts when the agent stops. */
export type UndoContext = Omit<ActionContext, 'progress' | 'write' | 'mustUndo'>

export interface ActionContext {
  readonly clock: Clock
  /** Its own id. */
  readonly command: string
  /** The node's name, `<cls>-<seq>`. */
  readonly node: string
  /** The ins label of the server or pooler that is meant; null where it is the node. */
  readonly server: string | null
  /** Aborts at the deadline, at a cancel, and when the agent stops. */
  readonly signal: AbortSignal
  /** Told to whoever waits, at most twice a second; percent is null when nobody can know it. */
  progress(percent: number | null, text: string): void
  /** Streams text, such as a program's output. */
  write(text: string): void
  /** The server or pooler that is meant; opened when first asked for, closed by the runner. @throws PgherdError POSTGRES_UNAVAILABLE */
  session(): Promise<ActionSession>
  readonly agent: AgentControls
  /**
   * To be awaited before a change that must not stay unless `run` succeeds: from then on `undo` follows, even if the agent is
   * killed. @throws PgherdError when it cannot be written down; then nothing is to be changed
   */
  mustUndo(noted: Noted): Promise<void>
}

/** What actions about the agent itself need; agent/main.ts fills it in. */
export interface AgentControls {
  readonly version: string
  /** Measures all sources now, and answers how many samples were taken. */
  scrapeNow(signal: AbortSignal): Promise<{ readonly sources: number; readonly samples: number }>
  /** Who gives what a server's sessions did of late, by its ins label; undefined where nobody looks. */
  recentSessions?(server: string): ((sinceMs: number) => Promise<readonly RecentSample[]>) | undefined
  logLevel(): string
  setLogLevel(level: string): void
  /** What the agent knows of its node and servers, for `facts`. */
  facts(): Readonly<Record<string, unknown>>
}
