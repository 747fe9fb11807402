import { join, dirname } from 'node:path'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { PgherdError, messageOf } from '../../../common/errors.ts'
import type { ServiceHost } from './service.ts'
import { credstoreSince, unit } from './service.ts'

/** Where the password of the role is. */
export interface PasswordPlace {
  /** On disk. */
  readonly file: string
  /** As the agent reads it while it runs. */
  readonly runtimeFile: string
  /** Whether only root reads it, and systemd hands it on (LoadCredential=). */
  readonly isCredential: boolean
}

const credential = 'pgherd-agent.password'

/**
 * Root's own in /etc/credstore where systemd hands it on from there, else a file that the agent's group reads, beside the configuration.
 * @param isPackaged whether the agent will run by its unit, with its usual configuration
 */
export function passwordPlace(
  { systemd }: Pick<ServiceHost, 'systemd'>,
  configFile: string,
  isPackaged: boolean,
): PasswordPlace {
  if (isPackaged && systemd !== undefined && systemd >= credstoreSince) {
    const runtimeFile = join('/run/credentials', unit, credential)
    return { file: join('/etc/credstore', credential), runtimeFile, isCredential: true }
  }
  const file = join(dirname(configFile), 'agent.password')
  return { file, runtimeFile: file, isCredential: false }
}

/** Its first line; undefined where there is none yet. @throws PgherdError DIRECTORY_UNUSABLE, or USAGE for what is no password */
export async function readPassword(file: string): Promise<string | undefined> {
  if (!existsSync(file)) return undefined
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    throw new PgherdError('DIRECTORY_UNUSABLE', `the password in ${file} cannot be read: ${messageOf(error)}`)
  }
  const password = text.split(/\r?\n/, 1)[0] ?? ''
  // What SCRAM makes of other characters depends on SASLprep (RFC 4013).
  if (!/^[\x21-\x7e]{8,200}$/.test(password)) {
    throw new PgherdError(
      'USAGE',
      `the first line of ${file} is no password for a role; allowed: 8 to 200 visible characters of ASCII without blanks`,
    )
  }
  return password
}
