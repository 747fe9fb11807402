import type { CommandView } from '../../common/command/command-view.ts'
import { hasTrueDigest } from '../../common/command/digest.ts'
import type { CliContext } from '../context.ts'
import { printFacts } from '../fact-lines.ts'
import { printExactMoment } from '../print-moment.ts'
import { printAge, printable } from '../terminal.ts'
import { argumentWords } from './command-words.ts'
import { sentenceOf } from './outcome.ts'
import { showOutput } from './show-output.ts'

/** Everything that is known of one command, for a person. */
export function showCommand({ terminal, clock }: CliContext, view: CommandView): void {
  const { result, progress } = view
  const nowMs = clock.now()
  const plan = view.mode === 'plan' ? ' (plan only)' : ''
  terminal.print(printable(`${view.kind}${plan} on ${view.server ?? view.node}: ${view.state}`))
  terminal.print(printable(`  ${sentenceOf(view)}`))
  terminal.print('')
  const percent = progress?.percent ?? null
  printFacts(terminal, [
    ['id', view.id],
    [
      'node',
      view.server === null || view.server === view.node ? view.node : `${view.node}, server ${view.server}`,
    ],
    ['arguments', argumentWords(view.args).join(' ')],
    ['reason', view.reason],
    ['operator', `${view.operator}, signed with ${view.keys.join(' and ')}`],
    ['brought by', view.requestedBy],
    ['queued', `${printExactMoment(view.queuedMs)}, ${printAge(nowMs - view.queuedMs)} ago`],
    ['delivered', since(view.queuedMs, view.deliveredMs)],
    ['started', since(view.queuedMs, view.startedMs)],
    [
      'progress',
      progress === null
        ? undefined
        : `${percent === null ? '' : `${Math.round(percent)} % `}${progress.text}`,
    ],
    ['finished', since(view.queuedMs, view.finishedMs)],
    ['expires', view.finishedMs === null ? printExactMoment(view.expiresMs) : undefined],
    [
      'digest',
      result === null
        ? undefined
        : `${result.digest}${hasTrueDigest(result) ? '' : ' (NOT that of this result)'}`,
    ],
  ])
  if (result !== null && result.steps.length > 0) {
    terminal.print(`\n${view.mode === 'plan' ? 'Plan' : 'Steps'}:`)
    for (const [i, step] of result.steps.entries()) terminal.print(printable(`  ${i + 1}. ${step}`))
  }
  if (view.written !== '') {
    terminal.print('\nWritten while it ran:')
    for (const line of view.written.trimEnd().split('\n')) terminal.print(printable(`  ${line}`))
  }
  if (result !== null && result.output.length > 0) {
    terminal.print('')
    showOutput(terminal, result.output)
  }
}

/** A moment in a command's life, by how long after it was queued. */
function since(queuedMs: number, ms: number | null): string | undefined {
  if (ms === null) return undefined
  return `${printExactMoment(ms)}, after ${((ms - queuedMs) / 1000).toFixed(1)}s`
}
