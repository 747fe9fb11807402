import { canonicalJson } from '../../common/command/canonical-json.ts'
import { withDigest } from '../../common/command/digest.ts'
import { maxResultBytes } from '../../common/command/result.ts'
import type { ActionOutput, CommandOutcome, CommandResult } from '../../common/command/result.ts'
import { hideSecrets } from '../../common/hide-secrets.ts'
import type { RefusalReason } from './refusal.ts'

/** How a command ended, as its action tells it. */
export interface Ending {
  readonly outcome: CommandOutcome
  /** Of an outcome `refused`, when it is for what the command says rather than for what the action found. */
  readonly reason?: RefusalReason
  readonly message: string
  readonly steps?: readonly string[]
  readonly output?: readonly ActionOutput[]
  readonly startedMs?: number
  /** It has changed what has to be changed back, and that is not done yet. */
  readonly left?: boolean
}

const maxSteps = 200
const maxOutputs = 16
/** Of the message, the steps and what is around them. */
const reservedBytes = 96 * 1024
const maxStepBytes = 64 * 1024
/** With less room than this an output is left out. */
const leastOutputBytes = 1_024
const secretName = /(?:^|[_.-])(?:password|passwd|passphrase|secret|token)$/i
const cutMark = '… cut: it was longer than a result may be'

/** A result as it travels: bounded, without secrets, with its digest. Never throws. */
export function buildResult(ending: Ending, finishedMs: number): CommandResult {
  return withDigest({
    outcome: ending.outcome,
    message: shorten(hideSecrets(ending.message), 4_000),
    steps: fitSteps(ending.steps ?? []),
    output: fitOutputs(ending.output ?? []),
    startedMs: ending.startedMs ?? null,
    finishedMs,
  })
}

function fitSteps(steps: readonly string[]): string[] {
  const few =
    steps.length <= maxSteps
      ? steps
      : [...steps.slice(0, maxSteps - 1), `… cut: ${steps.length - maxSteps + 1} more lines`]
  return fitLines(
    few.map((step) => shorten(hideSecrets(step), 2_000)),
    maxStepBytes,
  )
}

/** As many as fit, and one that says how many do not. */
function fitOutputs(outputs: readonly ActionOutput[]): ActionOutput[] {
  const room = outputs.length <= maxOutputs ? maxOutputs : maxOutputs - 1
  const kept: ActionOutput[] = []
  let left = maxResultBytes - reservedBytes
  for (const one of outputs.slice(0, room)) {
    if (left < leastOutputBytes && kept.length < outputs.length) break
    const fitted = fitOutput(clean(one), left)
    left -= bytesOf(fitted)
    kept.push(fitted)
  }
  const more = outputs.length - kept.length
  if (more === 0) return kept
  const line = `… cut: ${more} more of ${outputs.length} parts, as the result was longer than one may be`
  return [...kept, { type: 'text', title: '', lines: [line] }]
}

/** Plain JSON with secrets hidden, whatever an action has put into its facts. */
function clean(output: ActionOutput): ActionOutput {
  try {
    const plain = JSON.parse(
      JSON.stringify(output, (name, member: unknown) => {
        if (typeof member === 'bigint') return member.toString()
        if (secretName.test(name) && typeof member !== 'boolean') return '***'
        return typeof member === 'string' ? hideSecrets(member).toWellFormed() : member
      }),
    ) as ActionOutput
    canonicalJson(plain, { maxDepth: 24, maxLength: Infinity })
    return plain
  } catch {
    return { type: 'text', title: '', lines: ['what it showed cannot be written as JSON'] }
  }
}

function fitOutput(output: ActionOutput, maxBytes: number): ActionOutput {
  if (bytesOf(output) <= maxBytes) return output
  const around = bytesOf({ ...output, rows: [], lines: [], facts: {} })
  if (output.type === 'text') return { ...output, lines: fitLines(output.lines, maxBytes - around) }
  if (output.type === 'facts') return { type: 'text', title: output.title, lines: [cutMark] }
  let left = maxBytes - around
  const rows: (string | null)[][] = []
  for (const row of output.rows) {
    left -= bytesOf(row) + 1
    if (left < 0) break
    rows.push(row)
  }
  return { ...output, rows, truncated: true }
}

/** As many as fit, and a mark when it is not all. */
function fitLines(lines: readonly string[], maxBytes: number): string[] {
  let left = maxBytes - 128
  const kept: string[] = []
  for (const line of lines) {
    left -= bytesOf(line) + 1
    if (left < 0) return [...kept, cutMark]
    kept.push(line)
  }
  return kept
}

function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value))
}

function shorten(text: string, max: number): string {
  const whole = text.toWellFormed()
  return whole.length <= max ? whole : `${whole.slice(0, max - 1)}…`.toWellFormed()
}
