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
}

const maxSteps = 200
const maxOutputs = 16
/** Of the message, the steps and what is around them. */
const reservedBytes = 96 * 1024
const secretName = /(?:^|[_.-])(?:password|passwd|passphrase|secret|token)$/i
const cutMark = '… cut: it was longer than a result may be'

/** A result as it travels: bounded, without secrets, with its digest. Never throws. */
export function buildResult(ending: Ending, finishedMs: number): CommandResult {
  let outputBytes = maxResultBytes - reservedBytes
  const output: ActionOutput[] = []
  for (const one of (ending.output ?? []).slice(0, maxOutputs)) {
    const fitted = fitOutput(clean(one) as ActionOutput, outputBytes)
    outputBytes -= bytesOf(fitted)
    output.push(fitted)
    if (outputBytes < 1_024) break
  }
  return withDigest({
    outcome: ending.outcome,
    message: shorten(hideSecrets(ending.message), 4_000),
    steps: fitLines(
      (ending.steps ?? []).map((step) => shorten(hideSecrets(step), 2_000)),
      64 * 1024,
    ).slice(0, maxSteps),
    output,
    startedMs: ending.startedMs ?? null,
    finishedMs,
  })
}

/** Plain JSON with secrets hidden, whatever an action has put into its facts. */
function clean(value: unknown): unknown {
  const plain: unknown = JSON.parse(
    JSON.stringify(value, (name, member: unknown) => {
      if (typeof member === 'bigint') return member.toString()
      if (secretName.test(name) && typeof member !== 'boolean') return '***'
      return typeof member === 'string' ? hideSecrets(member).toWellFormed() : member
    }),
  )
  try {
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
