import type { Advice } from '../../../common/tuning/advice.ts'
import type { ChangeRequest } from '../../../common/tuning/change-request.ts'
import type { Detection } from '../../../common/tuning/detection.ts'
import type { ClusterSettings } from '../../../common/tuning/cluster-settings.ts'
import type { TuneChange } from '../../../common/tuning/tune-change.ts'
import type { TunePlan } from '../../../common/tuning/tune-plan.ts'
import type { ActionSession } from '../../postgres/action-session.ts'
import type { Noted } from '../action.ts'

/** The tuning work of this host, for actions; agent/tune-controls.ts fills it in. */
export interface TuneControls {
  detect(server: TuneAsked): Promise<Detection>
  advise(server: TuneAsked, request: AdviceRequest): Promise<Advice>
  /** What a change would do, tried beside the server. */
  plan(server: TuneAsked, request: ChangeRequest): Promise<TunePlan>
  /**
   * Changes the settings and looks whether the server has taken them. The guard then watches on in the background, also when the agent
   * is started again. @throws PgherdError REFUSED with nothing changed; what `mustUndo` was told is else to be undone by `undo`
   */
  apply(
    server: TuneAsked,
    request: ChangeRequest,
    options: { readonly command: string; readonly mustUndo: (noted: Noted) => Promise<void> },
  ): Promise<TuneChange>
  undo(server: TuneAsked, noted: Noted): Promise<string>
  /** Of a server, the newest last: also of those that are over. */
  changes(server: string): Promise<readonly TuneChange[]>
  /** In lines; those that speak against it begin with `REFUSED`. */
  planRollback(server: TuneAsked, change: string | undefined): Promise<readonly string[]>
  rollBack(server: TuneAsked, change: string | undefined): Promise<TuneChange>
}

/** The server that is meant, and how it is reached. */
export interface TuneAsked {
  /** Its ins label. */
  readonly server: string
  readonly session: ActionSession
  /** With the settings that Patroni has for its members; undefined where this agent knows of no Patroni. */
  withKeeper<T>(scope: string, work: (keeper: ClusterSettings | undefined) => Promise<T>): Promise<T>
  readonly signal: AbortSignal
  progress(percent: number | null, text: string): void
}

export interface AdviceRequest {
  /** `auto` chooses by the load. */
  readonly profile: 'auto' | 'oltp' | 'olap' | 'crit' | 'tiny' | 'mixed'
  /** How much of the history counts, hours. */
  readonly windowHours: number
  /** max_connections as somebody wants it. */
  readonly connections: number | null
  readonly machine: SaidMachine
}

/** The server's machine as somebody says it is, which wins over what is found. Null is not said. */
export interface SaidMachine {
  readonly memoryBytes: number | null
  readonly processors: number | null
  readonly diskClass: 'nvme' | 'ssd' | 'hdd' | 'san' | null
}
