import type { Proposal } from '../proposal.ts'
import { hanging, withProse } from './with-prose.ts'

export interface PresentOptions {
  /** With evidence, effect and risk of each. */
  readonly isLong: boolean
  /** Columns of the terminal; infinite where it is none. */
  readonly width: number
}

/** Proposals as a table with the reason of each, or at length, one below the other. */
export function presentProposals(
  proposals: readonly Proposal[],
  { isLong, width }: PresentOptions,
): readonly string[] {
  if (isLong) {
    return proposals.flatMap((one, at) => [...(at === 0 ? [] : ['']), ...atLength(one, width)])
  }
  // Where none is of a rule, the heading has said what they are from.
  const hasRules = proposals.some((one) => one.rule === ruleOf(one))
  const rows = proposals.map((one) => [
    nameOf(one),
    one.current ?? '-',
    one.proposed,
    one.needs,
    one.confidence,
    ...(hasRules ? [ruleOf(one)] : []),
    one.reason,
  ])
  const titles = [
    'SETTING',
    'NOW',
    'PROPOSED',
    'NEEDS',
    'CONFIDENCE',
    ...(hasRules ? ['RULE'] : []),
    'REASON',
  ]
  return withProse([titles, ...rows], width)
}

function atLength(one: Proposal, width: number): readonly string[] {
  const { current, proposed, needs, confidence } = one
  const takes = needs === 'nothing' ? '' : `${needs}, `
  const parts = [
    ['reason', one.reason],
    ['evidence', one.evidence],
    ['effect', one.effect],
    ['risk', one.risk],
    ...(one.statement === undefined ? [] : [['by', one.statement]]),
  ] as const
  return [
    `${nameOf(one)}: ${current ?? '-'} -> ${proposed} (${takes}confidence ${confidence}, ${ruleOf(one)})`,
    ...parts.flatMap(([name, text]) => {
      const [first = '', ...rest] = hanging(text, width, 14)
      return [`    ${name.padEnd(10)}${first.trimStart()}`, ...rest]
    }),
  ]
}

const nameOf = ({ parameter, target }: Proposal): string =>
  target === undefined ? parameter : `${parameter} (${target})`

/** Behind the baseline's, the pooler's and the kernel's follows the name of the setting, which is there already. */
const ruleOf = ({ rule }: Proposal): string => rule.replace(/^(baseline|pooler|kernel)\..*/, '$1')
