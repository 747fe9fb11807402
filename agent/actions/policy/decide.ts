import { argumentProblem } from './arguments.ts'
import { isWithin, printHours } from './hours.ts'
import type { Policy, Rule } from './schema.ts'

/** What a command asks for, as far as a policy is about it. */
export interface Asked {
  readonly kind: string
  readonly risk: 'read' | 'change' | 'destructive'
  /** A rule for all of its risk does not allow it. */
  readonly mustBeNamed?: boolean
  readonly mode: 'plan' | 'run'
  readonly server: string | null
  /** As the action reads them. */
  readonly args: Readonly<Record<string, unknown>>
  /** Names of those who signed, each once; the first is who asks. */
  readonly operators: readonly string[]
  readonly atMs: number
}

export type PolicyReason = 'policy' | 'two-operators' | 'arguments' | 'hours' | 'rate'
export type Verdict = { readonly allowed: true } | Refusal
interface Refusal {
  readonly allowed: false
  readonly reason: PolicyReason
  /** One sentence. */
  readonly message: string
}

/**
 * Whether a policy allows a command. A plan changes nothing, so neither hours nor rate nor a second operator are asked for.
 * @param recently how many commands that a test holds for were let run in the last milliseconds
 */
export function decide(
  policy: Policy,
  asked: Asked,
  recently: (concerns: (kind: string, risk: Asked['risk']) => boolean, withinMs: number) => number,
): Verdict {
  const { mode, operators } = asked
  const [operator = ''] = operators
  if (mode === 'run' && names(policy.require_two_operators, asked) && operators.length < 2) {
    const message = `${asked.kind} needs the signatures of two operators, and ${operator} alone has signed`
    return { allowed: false, reason: 'two-operators', message }
  }
  let nearest: Refusal | undefined
  for (const rule of policy.rules) {
    const refusal = refusalOf(rule, policy, asked, recently)
    if (refusal === undefined) return { allowed: true }
    if (nearest === undefined || closeness(refusal) > closeness(nearest)) nearest = refusal
  }
  return nearest ?? notListed(asked)
}

/** The rule that fails at the last condition tells the operator most. */
function closeness({ reason }: Refusal): number {
  return ['policy', 'two-operators', 'arguments', 'hours', 'rate'].indexOf(reason)
}

function notListed({ kind, server, operators }: Asked): Refusal {
  const message = `the policy of this host lets ${operators[0] ?? ''} do no ${kind}${server === null ? '' : ` on ${server}`}`
  return { allowed: false, reason: 'policy', message }
}

function notNamed(asked: Asked): Refusal {
  const { message } = notListed(asked)
  return {
    allowed: false,
    reason: 'policy',
    message: `${message}: a rule has to have ${asked.kind} among its kinds, and ${asked.risk} does not cover it`,
  }
}

function refusalOf(
  rule: Rule,
  policy: Policy,
  asked: Asked,
  recently: Parameters<typeof decide>[2],
): Refusal | undefined {
  if (!names(rule.kinds, asked)) return notListed(asked)
  if (asked.mustBeNamed === true && !rule.kinds.includes(asked.kind)) return notNamed(asked)
  // Each of those who signed: a second one vouches for what he may do himself.
  if (rule.operators !== undefined && !asked.operators.every((name) => rule.operators?.includes(name))) {
    return notListed(asked)
  }
  if (rule.servers !== undefined && !rule.servers.includes(asked.server ?? '')) return notListed(asked)
  if (rule.args !== undefined) {
    const problem = argumentProblem(asked.args, rule.args)
    if (problem !== undefined)
      return { allowed: false, reason: 'arguments', message: `${asked.kind}: ${problem}` }
  }
  if (asked.mode === 'plan') return undefined
  if (rule.hours !== undefined && !rule.hours.some((one) => isWithin(one, asked.atMs, policy.time_zone))) {
    const message = `${asked.kind} is allowed ${rule.hours.map(printHours).join('; ')} (${policy.time_zone}), and not now`
    return { allowed: false, reason: 'hours', message }
  }
  if (rule.rate !== undefined) {
    const { max, per } = rule.rate
    const count = recently((kind, risk) => names(rule.kinds, { kind, risk }), per)
    if (count >= max) {
      const message = `${asked.kind} is allowed ${max} times in ${per / 1_000} s, and ${count} were let run`
      return { allowed: false, reason: 'rate', message }
    }
  }
  return undefined
}

function names(kinds: readonly string[], { kind, risk }: Pick<Asked, 'kind' | 'risk'>): boolean {
  return kinds.includes(kind) || kinds.includes(risk)
}
