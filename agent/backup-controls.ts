import type { Clock } from '../common/clock.ts'
import { PgherdError } from '../common/errors.ts'
import type { BackupControls } from './actions/backup/controls.ts'
import {
  describeMember,
  planContext,
  readyOf,
  readyToRestore,
  restoreAsked,
  restoreMember,
} from './backup/member/member-controls.ts'
import {
  confirmLines,
  confirmMember,
  planConfirmation,
  planInPlace,
  restoreMemberInPlace,
} from './backup/member/in-place-controls.ts'
import type { InPlaceHost } from './backup/member/in-place-controls.ts'
import type { Members } from './backup/member/members.ts'
import { planRestore, planWork } from './backup/member/plan-work.ts'
import { notedInPlace } from './backup/restore/in-place/noted.ts'
import { putBack } from './backup/restore/in-place/put-back.ts'
import { planPreparation, prepareBackups, undoPreparation } from './prepare-backups.ts'

/** The backup work of this host as actions have it. */
export function backupControls(
  members: Members,
  host: InPlaceHost,
  clock: Clock,
  /** Of the policy file when it was read last. */
  file: () => { readonly mistakes: readonly string[]; readonly isWrong: boolean },
): BackupControls {
  const find = (cluster: string) => {
    const found = members.all().find(({ member }) => member.policy.cluster === cluster)
    if (found === undefined) throw new PgherdError('NOT_FOUND', `there is no policy of ${cluster} any more`)
    return found
  }
  return {
    get mistakes() {
      return file().mistakes
    },
    get isFileWrong() {
      return file().isWrong
    },
    get clusters() {
      return members.all().map(({ member }) => member.policy.cluster)
    },
    report: (cluster) => find(cluster).member.freshReport(),
    usualType: (cluster) => (find(cluster).member.policy.engine === 'pg_basebackup' ? 'full' : 'incr'),
    async describe(cluster) {
      const { member, environment } = find(cluster)
      const [first, ...more] = file().mistakes
      const lines = await describeMember(member, environment)
      if (first === undefined) return lines
      return [
        'NOT READ AGAIN, since the file has mistakes; what it said before is followed:',
        first,
        ...more,
        '',
        ...lines,
      ]
    },
    async plan(cluster, request, signal) {
      const { member, environment } = find(cluster)
      if (request.operation === 'restore') readyToRestore(member)
      const context = planContext(member, environment, signal)
      if (request.operation !== 'restore') return planWork(request.operation, request.repository, context)
      return (await planRestore(restoreAsked(request), context)).lines
    },
    async run(cluster, request, options) {
      const { member, environment } = find(cluster)
      const { repository } = request
      const asked = { ...options, ...(repository === undefined ? {} : { repository }) }
      if (request.operation !== 'restore') return readyOf(member).backups.ask(request.operation, asked)
      return restoreMember(member, environment, restoreAsked(request), asked)
    },
    async planInPlace(cluster, request, options) {
      const { member, environment } = find(cluster)
      return (await planInPlace(member, environment, host, request, options)).lines
    },
    async restoreInPlace(cluster, request, options) {
      const { member, environment } = find(cluster)
      const { repository } = request
      const mustUndo = (noted: object): Promise<void> => options.mustUndo({ ...noted })
      const asked = { ...options, mustUndo, ...(repository === undefined ? {} : { repository }) }
      return restoreMemberInPlace(member, environment, host, request, asked)
    },
    undoInPlace: (noted, options) => putBack(notedInPlace.parse(noted), { ...host, ...options, clock }),
    async planConfirm(cluster, force) {
      return confirmLines(await planConfirmation(find(cluster).member, host), force)
    },
    async confirm(cluster, force) {
      return confirmMember(find(cluster).member, host, force)
    },
    async planPrepare(cluster, asked) {
      const { member, environment } = find(cluster)
      return planPreparation(member, environment, asked)
    },
    async prepare(cluster, options) {
      const { member, environment } = find(cluster)
      await member.renewConfig()
      return prepareBackups(member, environment, options)
    },
    undoPrepare: (noted, asked) => undoPreparation(noted, asked, clock),
  }
}
