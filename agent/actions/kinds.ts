import { PgherdError } from '../../common/errors.ts'
import type { Action } from './action.ts'
import { analyze } from './kinds/analyze.ts'
import { cancelSession } from './kinds/cancel-session.ts'
import { backupDrill } from './kinds/backup-drill.ts'
import { backupExpire } from './kinds/backup-expire.ts'
import { backupList } from './kinds/backup-list.ts'
import { backupPolicy } from './kinds/backup-policy.ts'
import { backupPrepare } from './kinds/backup-prepare.ts'
import { backupRestore } from './kinds/backup-restore.ts'
import { backupRestoreConfirm } from './kinds/backup-restore-confirm.ts'
import { backupRestoreInPlace } from './kinds/backup-restore-in-place.ts'
import { backupRun } from './kinds/backup-run.ts'
import { backupVerify } from './kinds/backup-verify.ts'
import type { BackupControls, PrepareAsked } from './backup/controls.ts'
import { checkpoint } from './kinds/checkpoint.ts'
import { ddlTriggerInstall } from './kinds/ddl-trigger-install.ts'
import { ddlTriggerRemove } from './kinds/ddl-trigger-remove.ts'
import { facts } from './kinds/facts.ts'
import { indexDrop } from './kinds/index-drop.ts'
import { indexListSaved } from './kinds/index-list-saved.ts'
import { indexReindex } from './kinds/index-reindex.ts'
import { indexRestore } from './kinds/index-restore.ts'
import { indexTrial } from './kinds/index-trial.ts'
import { indexTrialEnd } from './kinds/index-trial-end.ts'
import { indexWhatif } from './kinds/index-whatif.ts'
import type { IndexWork } from './indexes/index-work.ts'
import { logLevel } from './kinds/log-level.ts'
import { pgbouncerKill } from './kinds/pgbouncer-kill.ts'
import { pgbouncerPause } from './kinds/pgbouncer-pause.ts'
import { pgbouncerReconnect } from './kinds/pgbouncer-reconnect.ts'
import { pgbouncerReload } from './kinds/pgbouncer-reload.ts'
import { pgbouncerResume } from './kinds/pgbouncer-resume.ts'
import { pgbouncerShow } from './kinds/pgbouncer-show.ts'
import { patroniCancelSwitchover } from './kinds/patroni-cancel-switchover.ts'
import { patroniEditConfig } from './kinds/patroni-edit-config.ts'
import { patroniFailover } from './kinds/patroni-failover.ts'
import { patroniPause } from './kinds/patroni-pause.ts'
import { patroniReinitialize } from './kinds/patroni-reinitialize.ts'
import { patroniReload } from './kinds/patroni-reload.ts'
import { patroniRestart } from './kinds/patroni-restart.ts'
import { patroniResume } from './kinds/patroni-resume.ts'
import { patroniSwitchover } from './kinds/patroni-switchover.ts'
import { ping } from './kinds/ping.ts'
import { promote } from './kinds/promote.ts'
import { reload } from './kinds/reload.ts'
import { scrapeNow } from './kinds/scrape-now.ts'
import { show } from './kinds/show.ts'
import { terminateSession } from './kinds/terminate-session.ts'
import { tuneAdvise } from './kinds/tune-advise.ts'
import { tuneApply } from './kinds/tune-apply.ts'
import { tuneDetect } from './kinds/tune-detect.ts'
import { tuneRollback } from './kinds/tune-rollback.ts'
import { tuneStatus } from './kinds/tune-status.ts'
import { vacuum } from './kinds/vacuum.ts'
import { watchdogStatus } from './kinds/watchdog-status.ts'
import type { PatroniAccess } from './patroni/access.ts'
import type { TuneControls } from './tune/controls.ts'
import type { WatchdogControls } from './watchdog/controls.ts'

/**
 * Every action of an agent but `cancel`, which is about its other commands.
 * @param patronis of its host; without one the actions of Patroni are there and say so
 * @param backups of its host; without them the actions of backups are there and say so
 * @param openServer for those that find their server by the policy, and not by the command
 * @param tune of its host; without it the actions of tuning are there and say so
 * @param indexes the ledger of its host; without it the actions about indexes are there and say so
 * @param watchdogs of its servers; without them the action about them is there and says so
 */
export const kindsBeside = (
  patronis: readonly PatroniAccess[],
  backups?: BackupControls,
  openServer: PrepareAsked['openServer'] = noServer,
  tune?: TuneControls,
  indexes?: IndexWork,
  watchdogs?: WatchdogControls,
): readonly Action[] => [
  ping,
  facts,
  scrapeNow,
  logLevel,
  show,
  reload,
  checkpoint,
  analyze,
  vacuum,
  cancelSession,
  terminateSession,
  ddlTriggerInstall,
  ddlTriggerRemove,
  pgbouncerShow,
  pgbouncerPause,
  pgbouncerResume,
  pgbouncerReconnect,
  pgbouncerReload,
  pgbouncerKill,
  patroniSwitchover(patronis),
  patroniCancelSwitchover(patronis),
  patroniFailover(patronis),
  patroniRestart(patronis),
  patroniReload(patronis),
  patroniReinitialize(patronis),
  patroniPause(patronis),
  patroniResume(patronis),
  patroniEditConfig(patronis),
  promote(patronis),
  backupList(backups),
  backupPolicy(backups),
  backupPrepare(backups, patronis, openServer),
  backupRun(backups),
  backupVerify(backups),
  backupDrill(backups),
  backupExpire(backups),
  backupRestore(backups),
  backupRestoreInPlace(backups, patronis),
  backupRestoreConfirm(backups),
  tuneDetect(tune, patronis),
  tuneAdvise(tune, patronis),
  tuneStatus(tune),
  tuneApply(tune, patronis),
  tuneRollback(tune, patronis),
  indexWhatif,
  indexTrial(indexes),
  indexTrialEnd(indexes),
  indexDrop(indexes),
  indexRestore(indexes),
  indexReindex(indexes),
  indexListSaved(indexes),
  watchdogStatus(watchdogs),
]

/** Of an agent that has no servers. */
function noServer(server: string): Promise<never> {
  return Promise.reject(new PgherdError('NOT_FOUND', `this agent watches no server ${server}`))
}

export const kinds = kindsBeside([])
