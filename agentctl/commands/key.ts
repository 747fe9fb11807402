import { mkdir } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { dirname } from 'node:path'
import type { Command } from 'commander'
import { operatorName, printOperatorKey } from '../../common/command/operator-key.ts'
import type { OperatorKey } from '../../common/command/operator-key.ts'
import { generateSigningKey, writePrivateKey } from '../../common/command/private-key.ts'
import { PgherdError } from '../../common/errors.ts'
import { writeFileDurably } from '../../common/write-file-durably.ts'
import type { CliContext } from '../context.ts'
import { loadOperatorKey, passphraseFor, publicKeyFile } from '../operator.ts'
import { present } from '../present.ts'

/** `agentctl key`: what commands are signed with. */
export function addKey(program: Command, context: CliContext): void {
  const key = program
    .command('key')
    .description('show the public half of the key that commands are signed with')
    .addHelpText(
      'after',
      `
The private key stays on this machine. The line that is printed goes into the operators file of every agent that is to believe it
(actions.operators_file): by your configuration management, never by the collector.

Examples:
  agentctl key generate --name alice
  agentctl key

Exit status: 0 done, 1 no key, 2 wrong usage, 3 refused: a key is there already, others can read it, or the passphrase is wrong.`,
    )
    .action(async () => show(context, await loadOperatorKey(context)))
  key
    .command('generate')
    .description('make a key (Ed25519) in key_file; an existing one is never replaced')
    .option('--name <name>', 'the operator, as in policies and audits; the user on this machine by default')
    .option('--no-passphrase', 'keep the key unencrypted, for a machine without a person')
    .action(async (options: { name?: string; passphrase: boolean }) => {
      const name = options.name ?? userInfo().username
      if (!operatorName.test(name)) {
        throw new PgherdError('USAGE', `--name was ${name}; allowed: letters, digits and . _ @ -`)
      }
      const { keyFile } = context.settings()
      const passphrase = options.passphrase ? await newPassphrase(context) : undefined
      const made = generateSigningKey(name)
      await mkdir(dirname(keyFile), { recursive: true, mode: 0o700 })
      await writePrivateKey(keyFile, made, passphrase)
      await writeFileDurably(publicKeyFile(keyFile), `${printOperatorKey(made)}\n`, 0o644)
      context.warn(`the key is in ${keyFile}; this line goes into the operators file of the agents:`)
      show(context, made)
    })
}

async function newPassphrase(context: CliContext): Promise<string> {
  const first = await passphraseFor(context, 'A passphrase for the new key: ')
  if (first === '') throw new PgherdError('USAGE', 'the passphrase was empty; allowed: --no-passphrase')
  if ((await passphraseFor(context, 'The same again: ')) === first) return first
  throw new PgherdError('USAGE', 'the two passphrases differ; no key was made')
}

function show(context: CliContext, key: OperatorKey): void {
  const line = printOperatorKey(key)
  if (context.format() === 'table') context.terminal.print(line)
  else {
    present(context, {
      columns: [{ title: 'NAME' }, { title: 'KEY ID' }, { title: 'LINE' }],
      rows: [[key.name, key.id, line]],
      data: { name: key.name, id: key.id, line },
      nothing: '',
    })
  }
}
