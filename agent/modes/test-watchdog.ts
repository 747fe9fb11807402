import type { Clock } from '../../common/clock.ts'
import { messageOf } from '../../common/errors.ts'
import type { Target } from '../actions/targets.ts'
import { targetsOf } from '../command-targets.ts'
import type { AgentConfig } from '../config.ts'
import { loadPolicy } from '../insight/watchdog/read-policy.ts'
import type { Policy } from '../insight/watchdog/policy.ts'
import { grantFor } from './grant-for.ts'
import type { TestReport } from './test-report.ts'

const timeoutMs = 5_000

/** Whether the policy on stuck sessions has no mistakes, and whether it could be carried out. Says nothing where none is configured. */
export async function testWatchdog(
  config: AgentConfig,
  { clock, report }: { readonly clock: Clock; readonly report: TestReport },
): Promise<void> {
  const path = config['watchdog.policy_file']
  if (path === undefined) return
  report.say('Stuck sessions')
  const read = await loadPolicy(path, process.getuid?.() ?? 0)
  if (read === undefined) {
    report.bad(`${path}: there is no such file, so that no session is looked at`)
    return
  }
  if (read.policy === undefined) {
    for (const problem of read.problems) report.bad(problem)
    return
  }
  const { policy } = read
  const count = policy.rules.length === 1 ? '1 rule' : `${policy.rules.length} rules`
  report.good(`${path}: ${count}, ${policy.dry_run ? 'tried: nobody is signalled' : 'in force'}`)
  if (!config['insight.enabled']) {
    report.missing('whoever is stuck: insight.enabled is false', 'insight.enabled: true')
    return
  }
  if (!signals(policy)) return
  if (!config['actions.enabled']) {
    report.missing('signals: without commands there is no audit', 'actions.enabled: true')
    return
  }
  const targets = targetsOf(config, { clock, slotsOf: () => new Set() })
  for (const target of targets.filter(({ kind }) => kind === 'postgres')) await testRole(target, report)
}

function signals({ rules }: Policy): boolean {
  return rules.some(({ action }) => action !== 'report')
}

const roleQuery = `
select current_user,
       (rolsuper or pg_has_role(current_user, 'pg_signal_backend', 'usage'))::text,
       (rolsuper or pg_has_role(current_user, 'pg_monitor', 'usage'))::text
  from pg_roles
 where rolname = current_user`

async function testRole(target: Target, report: TestReport): Promise<void> {
  const { server } = target
  try {
    await using session = await target.open(timeoutMs)
    const { rows } = await session.read({ text: roleQuery }, timeoutMs)
    const [role = null, maySignal, maySee] = rows[0] ?? []
    const name = grantFor('{role}', role ?? '')
    const lacking = [
      ...(maySignal === 'true' ? [] : ['pg_signal_backend']),
      ...(maySee === 'true' ? [] : ['pg_monitor']),
    ]
    if (lacking.length === 0) report.good(`${server}: ${name} may signal sessions`)
    else
      report.missing(
        `${server}: signals, for which the role for commands lacks ${lacking.join(' and ')}`,
        `GRANT ${lacking.join(', ')} TO ${name};`,
      )
  } catch (error) {
    report.bad(`${server}: the role for commands does not get in: ${messageOf(error)}`)
  }
}
