import { PgherdError } from '../common/errors.ts'
import type { BackupControls } from './actions/backup/controls.ts'
import {
  describeMember,
  planContext,
  prepareMember,
  readyOf,
  restoreAsked,
  restoreMember,
} from './backup/member/member-controls.ts'
import type { Members } from './backup/member/members.ts'
import { planRestore, planWork } from './backup/member/plan-work.ts'

/** The backup work of this host as actions have it. */
export function backupControls(members: Members): BackupControls {
  const find = (cluster: string) => {
    const found = members.all().find(({ member }) => member.policy.cluster === cluster)
    if (found === undefined) throw new PgherdError('NOT_FOUND', `there is no policy of ${cluster} any more`)
    return found
  }
  return {
    get clusters() {
      return members.all().map(({ member }) => member.policy.cluster)
    },
    report: (cluster) => find(cluster).member.freshReport(),
    describe(cluster) {
      const { member, environment } = find(cluster)
      return describeMember(member, environment)
    },
    async plan(cluster, request, signal) {
      const { member, environment } = find(cluster)
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
    prepare(cluster, options) {
      const { member, environment } = find(cluster)
      return prepareMember(member, environment, options)
    },
  }
}
