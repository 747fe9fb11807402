import { Command, CommanderError } from 'commander'
import { PgherdError } from './errors.ts'
import { version } from './version.ts'

const help = ['--help', 'print this help and exit'] as const

/** A program's word with words of its own, such as `pgherd-collector store`, which prints its help by `print`. */
export function createSubprogram(name: string, description: string, print: (line: string) => void): Command {
  return new Command(name)
    .description(description)
    .version(version, '--version', 'print the version and exit')
    .configureOutput({ writeOut: (text) => print(text.trimEnd()), writeErr: () => undefined })
    .helpOption(...help)
    .helpCommand(false)
    .exitOverride()
}

/** One of its words, such as `verify`. @param name with the arguments, as commander has them */
export function addWord(program: Command, name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .copyInheritedSettings(program)
    .helpOption(...help)
}

/**
 * Does what the words say.
 * @param argv behind the program's own word
 * @param explain makes the error's text of commander's; undefined where no word was said
 * @throws PgherdError USAGE, and what the word's action throws
 */
export async function runSubprogram(
  program: Command,
  argv: readonly string[],
  explain: (message: string | undefined) => string,
): Promise<void> {
  try {
    await program.parseAsync(argv, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode === 0) return
    const isSilent = error.code === 'commander.help'
    throw new PgherdError('USAGE', explain(isSilent ? undefined : error.message.replace(/^error: /, '')))
  }
}
