import type { Invocation } from '../common/config/command-line.ts'
import { printDuration } from '../common/config/kinds.ts'
import { PgherdError } from '../common/errors.ts'
import { loadPolicy } from './insight/watchdog/read-policy.ts'

const usage = `Usage: pgherd-agent watchdog check FILE

Checks a policy of the watchdog (watchdog.policy_file) without a server, and says what it does.
Exit status: 0 it has no mistakes, 2 it has some, each with its line and what is allowed.`

/** `pgherd-agent watchdog ...`. @returns the exit status @throws PgherdError USAGE or NOT_FOUND */
export async function runWatchdogCommand({
  argv,
  print,
  complain,
}: Pick<Invocation, 'argv' | 'print'> & { readonly complain: (line: string) => void }): Promise<number> {
  const [, verb, path, ...more] = argv
  if (argv.includes('--help')) {
    print(usage)
    return 0
  }
  if (verb !== 'check' || path === undefined || more.length > 0) {
    throw new PgherdError('USAGE', `pgherd-agent watchdog takes: check FILE`)
  }
  const read = await loadPolicy(path, process.getuid?.() ?? 0)
  if (read === undefined) throw new PgherdError('NOT_FOUND', `${path}: there is no such file`)
  if (read.policy === undefined) {
    for (const problem of read.problems) complain(problem)
    return 2
  }
  const { dry_run: isDry, per_minute: perMinute, rules } = read.policy
  print(
    `${path}: ${rules.length} rules, at most ${perMinute} signals a minute; ${isDry ? 'dry_run: nobody is signalled' : 'in force'}`,
  )
  for (const rule of rules) {
    const grace = rule.action === 'report' ? '' : `, ${printDuration(rule.grace)} after the report`
    print(`  ${rule.name}: ${rule.case} for ${printDuration(rule.after)}: ${rule.action}${grace}`)
  }
  return 0
}
