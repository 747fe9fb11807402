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
  invocation: Invocation & { readonly complain: (line: string) => void },
  run: (config: Config<Table>, mode: Asked<Table>['mode']) => Promise<unknown>,
): Promise<number> {
  return exitStatusOf(program.name, invocation, async () => {
    const asked = readInvocation(program, invocation)
    const status = asked === undefined ? 0 : await run(asked.config, asked.mode)
    return typeof status === 'number' ? status : 0
  })
}

/** The exit status of some work, which it returns or which the error has that ends it; the error is reported. */
export async function exitStatusOf(
  name: string,
  { complain }: { readonly complain: (line: string) => void },
  work: () => Promise<number>,
): Promise<number> {
  try {
    return await work()
  } catch (error) {
    const failure = toPgherdError(error)
    for (const line of failure.message.split('\n')) complain(`${name}: ${line}`)
    // A defect is for us to find: where it happened matters more than a tidy terminal.
    if (failure.code === 'INTERNAL' && error instanceof Error) complain(error.stack ?? '')
    return failure.exit
  }
}
