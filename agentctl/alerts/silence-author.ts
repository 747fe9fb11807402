import { readFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { parseOperatorKey } from '../../common/command/operator-key.ts'
import { publicKeyFile } from '../operator.ts'
import type { CliContext } from '../context.ts'

/** Who sets a silence: the operator as his key names him, or the user on this machine where there is no key. */
export function silenceAuthor(context: CliContext): string {
  const { keyFile } = context.settings()
  try {
    return parseOperatorKey(readFileSync(publicKeyFile(keyFile), 'utf8').trim()).name
  } catch {
    return userInfo().username
  }
}
