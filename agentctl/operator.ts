import { readFile } from 'node:fs/promises'
import { parseOperatorKey } from '../common/command/operator-key.ts'
import { readPrivateKey } from '../common/command/private-key.ts'
import type { SigningKey } from '../common/command/private-key.ts'
import { PgherdError, messageOf, systemCodeOf } from '../common/errors.ts'
import type { CliContext } from './context.ts'
import { refuseIfOpenToOthers } from './settings.ts'

/** The public half beside a private key; it also has the operator's name. */
export function publicKeyFile(keyFile: string): string {
  return `${keyFile}.pub`
}

/**
 * The operator's own key; an encrypted one asks for its passphrase, or reads it from $PGHERD_KEY_PASSPHRASE_FILE.
 * @throws PgherdError NOT_FOUND with the way to make one, REFUSED, BAD_DATA
 */
export async function loadOperatorKey(context: CliContext): Promise<SigningKey> {
  const { keyFile } = context.settings()
  const { name } = parseOperatorKey(await readLine(publicKeyFile(keyFile)))
  return readPrivateKey(keyFile, name, () => passphraseFor(context, `Passphrase of ${keyFile}: `))
}

/** @throws PgherdError USAGE where there is nobody to ask, REFUSED where others can read the file */
export async function passphraseFor(context: CliContext, question: string): Promise<string> {
  const file = context.environment['PGHERD_KEY_PASSPHRASE_FILE']
  if (file !== undefined && file !== '') {
    refuseIfOpenToOthers(file, 'passphrase')
    return readLine(file)
  }
  const given = await context.ask(question, { secret: true })
  if (given !== undefined) return given
  throw new PgherdError(
    'USAGE',
    'the key has a passphrase; allowed: $PGHERD_KEY_PASSPHRASE_FILE or a terminal',
  )
}

async function readLine(path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).split('\n', 1)[0]!.trimEnd()
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') {
      throw new PgherdError('NOT_FOUND', `there is no ${path}; agentctl key generate makes a key`, {
        cause: error,
      })
    }
    throw new PgherdError('CONFIG_INVALID', `cannot read ${path}: ${messageOf(error)}`, { cause: error })
  }
}
