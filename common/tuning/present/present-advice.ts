import type { Advice } from '../advice.ts'
import { kernelLines } from '../export/kernel-lines.ts'
import { poolerLines } from '../export/pooler-lines.ts'
import type { Proposal } from '../proposal.ts'
import { presentBudget } from './present-budget.ts'
import { presentProposals } from './present-proposals.ts'
import type { PresentOptions } from './present-proposals.ts'
import { hanging } from './with-prose.ts'

/** An advice for a person: what is to be changed and why, what it takes of the memory, and what else is to be known. */
export function presentAdvice(advice: Advice, options: PresentOptions): readonly string[] {
  const { proposals, pooler, kernel, budget, notes } = advice
  const { width } = options
  const seen = proposals.filter(({ rule }) => !rule.startsWith('baseline.'))
  const machine = proposals.filter(({ rule }) => rule.startsWith('baseline.'))
  const sections = [
    section('What its load shows', seen, options),
    section('What follows from its machine', machine, options),
    proposals.length === 0 ? ['Nothing is to be changed on the server.'] : [],
    leftAsTheyAre(advice, options),
    presentBudget(budget, width),
    section('pgBouncer', pooler, options),
    poolerLines(pooler),
    section('Kernel of its host', kernel, options),
    kernelLines(kernel),
    notes.flatMap((note) => bullet(`Note: ${note}${/[.!?]$/.test(note) ? '' : '.'}`, width)),
  ]
  const filled = sections.filter((lines) => lines.length > 0)
  return [...bullet(about(advice), width), ...filled.flatMap((lines) => ['', ...lines])]
}

/** In one sentence what it is based on. */
function about({ server, major, profile, profileReason, hours }: Advice): string {
  const history =
    hours === 0 ? 'no history yet: what follows from the machine alone' : `${printHours(hours)} of history`
  return `${server}: PostgreSQL ${major}, profile ${profile} (${profileReason}), ${history}`
}

const printHours = (hours: number): string =>
  hours >= 72
    ? `${Math.round(hours / 24)} days`
    : hours >= 1
      ? `${Number(hours.toFixed(1))} h`
      : `${Math.ceil(hours * 60)} minutes`

function section(title: string, proposals: readonly Proposal[], options: PresentOptions): readonly string[] {
  return proposals.length === 0 ? [] : [`${title}:`, '', ...presentProposals(proposals, options)]
}

function leftAsTheyAre({ unchanged }: Advice, { isLong, width }: PresentOptions): readonly string[] {
  if (unchanged.length === 0) return []
  if (!isLong) {
    const values = unchanged.map(({ parameter, proposed }) => `${parameter} ${proposed}`)
    return bullet(`Left as they are: ${values.join(', ')}`, width)
  }
  return [
    'Left as they are:',
    ...unchanged.flatMap(({ parameter, proposed, reason }) =>
      bullet(`    ${parameter} ${proposed}: ${reason}`, width, 8),
    ),
  ]
}

/** A sentence whose further lines stand a little to the right. */
function bullet(text: string, width: number, by = 4): readonly string[] {
  const [first = '', ...rest] = hanging(text, width, 0)
  return [first, ...(rest.length === 0 ? [] : hanging(rest.join(' '), width, by))]
}
