import type { EngineRun } from '../engine.ts'
import { classify } from './classify.ts'
import { runEngine } from './run-engine.ts'
import type { EngineCall, EngineProgram } from './run-engine.ts'

/** Only answers on standard output, errors and warnings on standard error. */
const quiet = ['--log-level-console=off', '--log-level-stderr=warn', '--log-level-file=off']

/** Asks for something that changes nothing. @returns its standard output @throws BackupFailure, PgherdError CANCELLED */
export async function askEngine(
  program: EngineProgram,
  command: string,
  args: readonly string[],
  call: Omit<EngineCall, 'onLine'>,
): Promise<string> {
  const answer = await runEngine(program, [command, ...args, ...quiet], call)
  if (answer.status !== 0) throw classify(command, answer, program)
  return answer.output
}

/** The log of a command that does something, all of it on standard output, in the order in which things happened. */
export const logged = (level: 'info' | 'detail'): readonly string[] => [
  `--log-level-console=${level}`,
  '--log-level-stderr=off',
  '--no-log-timestamp',
]

export function repositoryOption(repository: EngineRun['repository']): readonly string[] {
  return repository === undefined ? [] : [`--repo=${repository}`]
}
