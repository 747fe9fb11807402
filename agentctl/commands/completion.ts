import { Argument } from 'commander'
import type { Command } from 'commander'
import { askForWords } from '../completion/ask-for-words.ts'
import { complete } from '../completion/complete.ts'
import type { Candidate, Wanted } from '../completion/complete.ts'
import { completionScripts } from '../completion/scripts.ts'
import type { CliContext } from '../context.ts'
import { printable } from '../terminal.ts'

/** Whoever has pressed Tab waits no longer for a collector. */
const patienceMs = 500

/** `agentctl completion SHELL`, and the hidden command that its scripts call. */
export function addCompletion(program: Command, context: CliContext): void {
  program
    .command('completion')
    .description('print what makes a shell complete commands, flags, nodes, clusters, actions and reports')
    .addArgument(new Argument('<shell>').choices(['bash', 'zsh', 'fish']))
    .addHelpText(
      'after',
      `
Names of nodes, clusters, actions and reports are asked of the collector when Tab is pressed, for half a second at most.

Examples:
  source <(agentctl completion bash)
  agentctl completion bash > /etc/bash_completion.d/agentctl
  agentctl completion zsh > ~/.zfunc/_agentctl
  agentctl completion fish > ~/.config/fish/completions/agentctl.fish

Exit status: 0 printed, 2 another shell.`,
    )
    .action((shell: keyof typeof completionScripts) => context.terminal.print(completionScripts[shell]))
  program
    .command('__complete', { hidden: true })
    .argument('[words...]')
    .allowUnknownOption()
    .helpOption(false)
    .action(async (words: readonly string[]) => {
      const { words: known, wanted, prefix } = complete(program, words)
      const asked = (await Promise.all(wanted.map((one) => askQuietly(context, one, prefix)))).flat()
      for (const { word, what } of [...known, ...asked]) {
        // Words that a shell would read as something else are of no use, and may have been made for that.
        if (!word.startsWith(prefix) || !/^[\w.@=:~-]+$/.test(word)) continue
        context.terminal.print(what === '' ? word : `${word}\t${printable(what)}`)
      }
    })
}

async function askQuietly(
  context: CliContext,
  wanted: Wanted,
  prefix: string,
): Promise<readonly Candidate[]> {
  const impatient = new AbortController()
  const answered = new AbortController()
  const nothing = context.clock.sleep(patienceMs, answered.signal).then((): readonly Candidate[] => {
    impatient.abort()
    return []
  })
  try {
    const client = context.client()
    const call: typeof client.call = (method, path, schema, body) =>
      client.call(method, path, schema, { ...body, signal: impatient.signal })
    return await Promise.race([askForWords({ call }, wanted, prefix), nothing])
  } catch {
    // A shell that completes has no place for errors.
    return []
  } finally {
    answered.abort()
  }
}
