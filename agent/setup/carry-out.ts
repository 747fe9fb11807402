import type { Clock } from '../../common/clock.ts'
import { PgherdError } from '../../common/errors.ts'
import type { AgentConfig } from '../config.ts'
import { describeFound } from './describe-plan.ts'
import type { LocalUser } from './host/acting-as.ts'
import type { UserNames } from './host/user-names.ts'
import { nodeOf } from './plan.ts'
import type { SetupPlan } from './plan.ts'
import { roleStep } from './role-step.ts'
import type { SelfTestResult } from './self-test-result.ts'
import { startStep } from './start-step.ts'
import type { Step } from './step.ts'
import { explainUnreached } from './explain-unreached.ts'
import { configStep, passwordStep, stateStep } from './write-steps.ts'

const passwordBytes = 24

export interface Means {
  readonly users: UserNames
  readonly clock: Clock
  readonly print: (line: string) => void
  readonly randomBytes: (size: number) => Buffer
  /** Undefined where nothing is to be asked. */
  readonly confirm: ((question: string) => Promise<boolean>) | undefined
  readonly readConfig: (path: string, text: string) => AgentConfig
  readonly selfTest: (config: AgentConfig, user: LocalUser) => Promise<SelfTestResult>
  /** @returns when the certificate ends, milliseconds since the epoch */
  readonly join: (config: AgentConfig, user: LocalUser) => Promise<number>
}

/**
 * Carries a plan out, step by step. What is right already is told and left alone.
 * @returns the exit status @throws PgherdError REFUSED for a plan with problems, CANCELLED after a no, or that of a step or server
 */
export async function carryOut(plan: SetupPlan, means: Means): Promise<number> {
  const { print } = means
  const { password: planned, config, role } = plan
  for (const line of describeFound(plan)) print(line)
  const { agentUser: user } = plan
  if (plan.problems.length > 0 || user === undefined) {
    throw new PgherdError('REFUSED', plan.problems.join('\n'))
  }
  // A mistake of ours is found before anything is done.
  means.readConfig(config.path, config.text)
  const run = createRunner(means)
  const password = planned?.value ?? means.randomBytes(passwordBytes).toString('hex')
  await run(
    planned && passwordStep(planned, password, user),
    planned === undefined ? `${role} needs no password` : `the password of ${role} is kept here`,
  )
  for (const server of plan.servers) {
    await run(
      roleStep(server, role, password, means),
      `the role ${role} on port ${server.server.port} is ready`,
    )
  }
  await run(stateStep(plan, user), `${plan.stateDirectory} is there`)
  const written = await runConfig(plan, user, run, means)

  const used = means.readConfig(config.path, written ? config.text : (config.before ?? config.text))
  print('')
  print('Self-test')
  const { status, unreached } = await means.selfTest(used, user)
  // Whoever joins now has used up the token for an agent that sees nothing.
  if (unreached.length > 0) throw explainUnreached(unreached, plan)
  await joinFleet(plan, user, used, run, means)
  const start = await startStep(plan, written && config.before !== undefined && config.before !== config.text)
  if ('told' in start) print(start.told)
  else await run(start, '')
  print('')
  if (run.done === 0) print('Nothing was to be done: all of it was as it should be.')
  else
    print(`${nodeOf(plan)} is set up; agentctl nodes shows it once the collector has its first measurement.`)
  if (status !== 0) print('The self-test names what does not work yet; the rest is measured.')
  return 0
}

type Runner = ((step: Step | undefined, otherwise: string) => Promise<void>) & { readonly done: number }

function createRunner({ print, confirm }: Means): Runner {
  let done = 0
  const run = async (step: Step | undefined, otherwise: string): Promise<void> => {
    if (step === undefined) {
      if (otherwise !== '') print(`  ok: ${otherwise}`)
      return
    }
    print('')
    print(step.title)
    for (const line of step.shows) print(`  | ${line}`)
    if (step.changes && confirm !== undefined && !(await confirm('Do it?'))) {
      throw new PgherdError(
        'CANCELLED',
        `stopped before: ${step.title}. ${done === 0 ? 'Nothing was changed.' : 'What was done before stays; another setup goes on from there.'}`,
      )
    }
    for (const line of await step.run()) print(`  done: ${line}`)
    done++
  }
  return Object.defineProperty(run, 'done', { get: () => done }) as Runner
}

/** @returns whether the file says now what the plan does; otherwise the one that is there was kept */
async function runConfig(
  plan: SetupPlan,
  user: LocalUser,
  run: Runner,
  { print, confirm }: Means,
): Promise<boolean> {
  const { config, options } = plan
  const step = configStep(plan, user)
  const isOther = config.before !== undefined && config.before !== config.text
  if (step === undefined || !isOther || (confirm === undefined && options.replace)) {
    await run(step, `${config.path} says all of it`)
    return true
  }
  print('')
  print(`${config.path} is there and says something else; this would change:`)
  for (const line of step.shows) print(`  | ${line}`)
  if (confirm !== undefined && (await confirm('Replace it? With no it stays as it is.'))) {
    await run({ ...step, shows: [], changes: false }, '')
    return true
  }
  print(`  kept: ${config.path} as it was${confirm === undefined ? ' (--replace writes the new one)' : ''}`)
  return false
}

async function joinFleet(
  plan: SetupPlan,
  user: LocalUser,
  used: AgentConfig,
  run: Runner,
  means: Means,
): Promise<void> {
  const { options } = plan
  const node = `${used['identity.cluster']}-${used['identity.seq']}`
  const untilMs = plan.memberUntilMs
  if (untilMs !== undefined) {
    const until = new Date(untilMs).toISOString()
    return run(undefined, `${node} is a member of the fleet; its certificate is valid until ${until}`)
  }
  if (options.join === undefined) {
    means.print(`Not a member of a fleet: agentctl enroll ${node} prints the line that makes it one.`)
    return
  }
  const { url } = options.join
  await run(
    {
      title: `Join the fleet of ${url} as ${node}`,
      shows: [
        `a key is made here and stays here (${used['tls.directory']}); the authority is the one that the token names`,
      ],
      changes: true,
      async run() {
        const endsMs = await means.join(used, user)
        return [
          `${node} has joined; its certificate is valid until ${new Date(endsMs).toISOString()}, and renewed by itself`,
        ]
      },
    },
    '',
  )
}
