import type { Command } from 'commander'
import { commandAnswer, signedCommandAnswer } from '../../common/command/command-view.ts'
import type { CommandPayload } from '../../common/command/payload.ts'
import { signPayload } from '../../common/command/sign.ts'
import { PgherdError } from '../../common/errors.ts'
import { confirmByName } from '../confirm.ts'
import type { CliContext } from '../context.ts'
import { printFacts } from '../fact-lines.ts'
import { loadOperatorKey } from '../operator.ts'
import { present } from '../present.ts'
import { printExactMoment } from '../print-moment.ts'
import { findCommand, shortId } from '../steer/find-command.ts'
import { readSigned } from '../steer/read-signed.ts'
import type { Terminal } from '../terminal.ts'
import { printAge, printable } from '../terminal.ts'

/** `agentctl approve ID`: the second operator's signature under a command that is held for it. */
export function addApprove(program: Command, context: CliContext): void {
  program
    .command('approve')
    .description("sign another operator's command that is held for a second one")
    .argument('<id>', 'the command, by its id or the beginning of it')
    .option('--yes', 'do not ask', false)
    .addHelpText(
      'after',
      `
What is shown is read from the very text that you sign, not from what the collector says of it. You sign with your own key; a key that
has signed already is refused; the agent checks both signatures, and that they are of two different operators.

Examples:
  agentctl commands --state held
  agentctl approve 6f1c2f0e

Exit status: 0 signed, 1 failed or no such command, 2 wrong usage, 3 refused or not confirmed, 4 unreachable, 5 timed out.`,
    )
    .action(async (given: string, { yes }: { yes: boolean }) => {
      const client = context.client()
      const { id } = await findCommand(client, given)
      const { data } = await client.call('GET', `/api/v1/commands/${id}/signed`, signedCommandAnswer)
      const payload = readSigned(data, id)
      const nowMs = context.clock.now()
      if (payload.expires_ms <= nowMs) throw new PgherdError('REFUSED', `${shortId(id)} has expired`)
      show(
        errorTerminal(context),
        payload,
        data.signatures.map(({ key }) => key),
        nowMs,
      )
      const key = await loadOperatorKey(context)
      if (data.signatures.some((one) => one.key === key.id)) {
        throw new PgherdError('REFUSED', `your key ${key.id} has signed this command already`)
      }
      if (payload.operator === key.name) {
        throw new PgherdError(
          'REFUSED',
          `${key.name} asked for this command; another operator has to approve it`,
        )
      }
      const where = payload.server ?? payload.node
      await confirmByName(context, { name: where, what: `You are about to sign this as ${key.name}.`, yes })
      const json = signPayload(data.payload, key)
      const path = `/api/v1/commands/${id}/signatures`
      const { data: view } = await client.call('POST', path, commandAnswer, { json })
      if (context.format() === 'table') {
        context.terminal.print(
          printable(`${id} is signed by ${payload.operator} and ${key.name}, and ${view.state}`),
        )
        return
      }
      present(context, {
        columns: [{ title: 'COMMAND' }, { title: 'STATE' }, { title: 'KEYS' }],
        rows: [[view.id, view.state, view.keys.join(',')]],
        data: view,
        nothing: '',
      })
    })
}

/** What is asked and shown before is for the person, and never a part of the output. */
function errorTerminal(context: CliContext): Terminal {
  return { width: Infinity, print: (line) => context.warn(line) }
}

function show(terminal: Terminal, payload: CommandPayload, keys: readonly string[], nowMs: number): void {
  printFacts(terminal, [
    ['kind', payload.kind],
    ['mode', payload.mode],
    ['node', payload.node],
    ['server', payload.server ?? 'none: it concerns the node'],
    ['system identifier', payload.system_identifier ?? 'none'],
    ['arguments', Object.keys(payload.args).length === 0 ? 'none' : undefined],
    ...Object.entries(payload.args).map(
      ([name, value]) => [`argument ${name}`, JSON.stringify(value)] as const,
    ),
    ['operator', payload.operator],
    ['signed by', keys.map((key) => `key ${key}`).join(', ')],
    ['reason', payload.reason === '' ? 'none was given' : payload.reason],
    ['issued', `${printExactMoment(payload.issued_ms)}, ${printAge(nowMs - payload.issued_ms)} ago`],
    ['expires', `${printExactMoment(payload.expires_ms)}, in ${printAge(payload.expires_ms - nowMs)}`],
    ['may run for', printAge(payload.deadline_ms)],
    ['id', payload.id],
    ['nonce', payload.nonce],
  ])
}
