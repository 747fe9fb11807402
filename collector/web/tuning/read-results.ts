import { z } from 'zod'
import type { CommandView } from '../../../common/command/command-view.ts'
import { advice } from '../../../common/tuning/advice.ts'
import type { Advice } from '../../../common/tuning/advice.ts'
import { tuneChange } from '../../../common/tuning/tune-change.ts'
import type { TuneChange } from '../../../common/tuning/tune-change.ts'
import { tunePlan } from '../../../common/tuning/tune-plan.ts'
import type { TunePlan } from '../../../common/tuning/tune-plan.ts'

/** A change as it was when somebody asked last. */
export interface KnownChange extends TuneChange {
  readonly asOfMs: number
}

export function adviceOf(command: CommandView): Advice | null {
  return read(command, advice)
}

export function planOf(command: CommandView): TunePlan | null {
  return read(command, tunePlan)
}

const all = z.object({ changes: z.array(tuneChange) })
const one = z.object({ change: tuneChange })

/**
 * The changes that results tell of, each as the newest result has it.
 * @param commands with their results, in any order
 * @returns the newest change first
 */
export function changesOf(commands: readonly CommandView[]): readonly KnownChange[] {
  const known = new Map<string, KnownChange>()
  for (const command of commands.toSorted((a, b) => (a.finishedMs ?? 0) - (b.finishedMs ?? 0))) {
    const told =
      command.kind === 'tune-status' ? read(command, all)?.changes : asList(read(command, one)?.change)
    for (const change of told ?? []) known.set(change.id, { ...change, asOfMs: command.finishedMs ?? 0 })
  }
  return [...known.values()].sort((a, b) => b.startedMs - a.startedMs)
}

const asList = (change: TuneChange | undefined): readonly TuneChange[] =>
  change === undefined ? [] : [change]

/** What an action has answered for a program; null where it was cut, or is of an agent that has it otherwise. */
function read<T>({ result }: CommandView, schema: z.ZodType<T>): T | null {
  const facts = result?.output.find((output) => output.type === 'facts')?.facts
  const parsed = schema.safeParse(facts)
  return parsed.success ? parsed.data : null
}
