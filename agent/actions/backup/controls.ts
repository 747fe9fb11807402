import type { BackupReport } from '../../../common/backup/backup-report.ts'
import type { BackupOperation, BackupRun, BackupType } from '../../../common/backup/backup-run.ts'
import type { ServerManager } from '../../../common/backup/server-manager.ts'
import { PgherdError } from '../../../common/errors.ts'
import type { ClusterSettings } from '../../../common/tuning/cluster-settings.ts'
import type { ActionSession } from '../../postgres/action-session.ts'
import type { Noted } from '../action.ts'

/** Where a restore is to end, in the words of recovery_target_*; at most one. The end of the log that is there without any. */
export interface TargetWords {
  /** With a time zone, such as `2026-11-23 10:00:00+00`. */
  readonly time?: string | undefined
  readonly xid?: string | undefined
  readonly lsn?: string | undefined
  readonly name?: string | undefined
  readonly immediate?: boolean | undefined
  /** Just before it. */
  readonly exclusive?: boolean | undefined
  readonly timeline?: string | undefined
}

export type BackupRequest =
  | { readonly operation: Exclude<BackupOperation, 'restore'>; readonly repository?: number | undefined }
  | {
      readonly operation: 'restore'
      readonly target: TargetWords
      /** An empty directory of this host. */
      readonly into: string
      /** A backup's label. */
      readonly set?: string | undefined
      readonly repository?: number | undefined
    }

/** A restore over the data that the server has now. */
export interface InPlaceRequest {
  readonly target: TargetWords
  readonly set?: string | undefined
  readonly repository?: number | undefined
}

/** The backup work of this host, for actions; agent/backup.ts fills it in. */
export interface BackupControls {
  /** Why the policy file, when it was read last, gave no policy of this host; one line each, and none where it did. */
  readonly mistakes: readonly string[]
  /** Whether they are mistakes of the file, which was not read then. */
  readonly isFileWrong: boolean
  /** Those with a policy on this host. */
  readonly clusters: readonly string[]
  /** Asks the repositories now. */
  report(cluster: string, signal: AbortSignal): Promise<BackupReport>
  /** What a backup is whose kind nobody has named: the least that the cluster's engine can make. */
  usualType(cluster: string): BackupType
  /** The policy, what it asks for in the next days, and what of it is not possible; without secrets. */
  describe(cluster: string): Promise<readonly string[]>
  /** What a run would do, by what is known now. @throws PgherdError for what cannot be done */
  plan(cluster: string, request: BackupRequest, signal: AbortSignal): Promise<readonly string[]>
  /** @throws PgherdError, or BackupFailure, when it cannot begin; how it ended is in the run */
  run(cluster: string, request: BackupRequest, options: BackupRunOptions): Promise<BackupRun>
  /** @param manager - of the server, where it is not started by the agent */
  planInPlace(
    cluster: string,
    request: InPlaceRequest,
    options: { readonly manager: ServerManager | undefined; readonly signal: AbortSignal },
  ): Promise<readonly string[]>
  /** What it notes is for `undoInPlace`, once it has not ended as `done` or the agent was killed. */
  restoreInPlace(
    cluster: string,
    request: InPlaceRequest,
    options: BackupRunOptions & {
      readonly manager: ServerManager | undefined
      readonly mustUndo: (noted: Noted) => Promise<void>
    },
  ): Promise<BackupRun>
  /** @returns half a sentence. @throws PgherdError when it did not succeed */
  undoInPlace(
    noted: Noted,
    options: { readonly manager: ServerManager | undefined; readonly signal: AbortSignal },
  ): Promise<string>
  planConfirm(cluster: string, force: boolean): Promise<readonly string[]>
  /** Deletes what restores in place have kept. @returns the directories */
  confirm(cluster: string, force: boolean): Promise<readonly string[]>
  planPrepare(cluster: string, asked: PrepareAsked): Promise<readonly string[]>
  /**
   * Makes the stanza, sets the server's archiving where the policy says so, and proves the way of a segment. What it notes is for
   * `undoPrepare`, once it has failed or the agent was killed.
   */
  prepare(
    cluster: string,
    options: PrepareAsked & BackupRunOptions & { readonly mustUndo: (noted: Noted) => Promise<void> },
  ): Promise<PrepareDone>
  /** @returns half a sentence. @throws PgherdError when it did not succeed */
  undoPrepare(noted: Noted, asked: PrepareAsked): Promise<string>
}

/** How a server's settings are reached. */
export interface PrepareAsked {
  /** By its ins label, with the role for commands. @throws PgherdError of `openActionSession` */
  openServer(server: string): Promise<ActionSession>
  /** With the settings that Patroni has for its members; undefined where this agent knows of no Patroni. @throws PgherdError */
  withKeeper<T>(scope: string, work: (keeper: ClusterSettings | undefined) => Promise<T>): Promise<T>
  /** What else a reload would change; lines for a person. */
  reloadAlsoTakes(session: Pick<ActionSession, 'read'>): Promise<readonly string[]>
  /** Whether what archives now for somebody else may end. */
  readonly replacesArchiver: boolean
  readonly signal: AbortSignal
}

export interface PrepareDone {
  /** One sentence, also of what is left to do. */
  readonly message: string
  readonly lines: readonly string[]
}

export interface BackupRunOptions {
  /** The command's id. */
  readonly askedBy: string
  readonly signal: AbortSignal
  readonly progress: (percent: number | null, text: string) => void
}

/**
 * @param asked - a cluster, where the host has several
 * @throws PgherdError NOT_SUPPORTED without a policy, NOT_FOUND, or BAD_REQUEST where it is not clear which one
 */
export function clusterOf(controls: BackupControls | undefined, asked: string | undefined) {
  const clusters = controls?.clusters ?? []
  const [only] = clusters
  if (controls === undefined || only === undefined) {
    throw new PgherdError('NOT_SUPPORTED', whyNone(controls))
  }
  if (asked === undefined && clusters.length === 1) return { controls, cluster: only }
  if (asked === undefined) {
    throw new PgherdError(
      'BAD_REQUEST',
      `there are policies of ${clusters.join(', ')}; allowed: cluster=<name>`,
    )
  }
  if (clusters.includes(asked)) return { controls, cluster: asked }
  throw new PgherdError(
    'NOT_FOUND',
    `there is no policy of ${asked}; there are those of ${clusters.join(', ')}`,
  )
}

const mostTold = 3

function whyNone(controls: BackupControls | undefined): string {
  const why = controls?.mistakes ?? []
  const told = why.slice(0, mostTold)
  if (controls?.isFileWrong !== true) {
    return ['this agent has no policy of backups (backup.policy_file)', ...told].join('; ')
  }
  const more = why.length > mostTold ? ` and ${why.length - mostTold} more, which are in the agent's log` : ''
  return `this agent follows no policy of backups, because the policy file has mistakes: ${told.join('; ')}${more}; correct the file, and reload the agent`
}
