import { readInvocation } from './config/command-line.ts'
import type { Asked, Invocation, Program } from './config/command-line.ts'
import type { Config, OptionTable } from './config/option-table.ts'
import { toPgherdError } from './errors.ts'

/**
 * The same frame around agent and collector: reads the configuration, runs until `run` ends, and reports whatever
 * ends it as one line per problem.
 * @param run may give an exit status, for what it was asked and could not fulfil
 * @returns the exit status
 */
export async function runProgram<Table extends OptionTable>(
  program: Program<Table>,
  invocation: Invocation & { complain(line: string): void },
  run: (config: Config<Table>, mode: Asked<Table>['mode']) => Promise<unknown>,
): Promise<number> {
  try {
    const asked = readInvocation(program, invocation)
    const status = asked === undefined ? 0 : await run(asked.config, asked.mode)
    return typeof status === 'number' ? status : 0
  } catch (error) {
    const failure = toPgherdError(error)
    for (const line of failure.message.split('\n')) invocation.complain(`${program.name}: ${line}`)
    // A defect is for us to find: where it happened matters more than a tidy terminal.
    if (failure.code === 'INTERNAL' && error instanceof Error) invocation.complain(error.stack ?? '')
    return failure.exit
  }
}
