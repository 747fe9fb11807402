import type { ActionOutput } from '../../../common/command/result.ts'
import type { Advice } from '../../../common/tuning/advice.ts'
import { printAbout, printShare } from '../../../common/tuning/print-size.ts'
import type { Proposal } from '../../../common/tuning/proposal.ts'
import { left, right } from '../output-table.ts'

/** An advice for a person. */
export function adviceTables(advice: Advice): readonly ActionOutput[] {
  const { proposals, pooler, kernel, notes } = advice
  return [
    { type: 'text', title: '', lines: [aboutAdvice(advice)] },
    proposalTable('Settings', proposals),
    ...(pooler.length === 0 ? [] : [proposalTable('Pooler', pooler)]),
    ...(kernel.length === 0 ? [] : [proposalTable('Kernel', kernel)]),
    budgetTable(advice),
    ...textUnlessEmpty('Notes', notes),
  ]
}

/** A part of a result, left out where there is nothing to say. */
export function textUnlessEmpty(title: string, lines: readonly string[]): readonly ActionOutput[] {
  return lines.length === 0 ? [] : [{ type: 'text', title, lines: [...lines] }]
}

/** In one sentence what an advice is based on. */
export function aboutAdvice({ server, major, profile, profileReason, hours }: Advice): string {
  const history = hours === 0 ? 'no history yet' : `${Number(hours.toFixed(1))} h of history`
  return `${server}: PostgreSQL ${major}, profile ${profile} (${profileReason}), ${history}`
}

function proposalTable(title: string, proposals: readonly Proposal[]): ActionOutput {
  return {
    type: 'table',
    title,
    columns: [
      left('setting'),
      left('now'),
      left('proposed'),
      left('needs'),
      left('confidence'),
      left('rule'),
      left('reason'),
    ],
    rows: proposals.map((one) => [
      one.target === undefined ? one.parameter : `${one.parameter} (${one.target})`,
      one.current,
      one.proposed,
      one.needs,
      one.confidence,
      one.rule,
      one.reason,
    ]),
    truncated: false,
  }
}

function budgetTable({ budget }: Advice): ActionOutput {
  return {
    type: 'table',
    title: 'Memory, in the worst case',
    columns: [left('what'), right('size'), right('share'), left('how_it_is_counted')],
    rows: [
      ...budget.rows.map(({ what, bytes, share, counted }) => [
        what,
        printAbout(bytes),
        printShare(share),
        counted,
      ]),
      ...budget.limits.map(({ what, bytes, share, atMost, holds }) => [
        what,
        printAbout(bytes),
        printShare(share),
        `${holds ? 'holds' : 'DOES NOT HOLD'}: at most ${printShare(atMost)}`,
      ]),
    ],
    truncated: false,
  }
}
