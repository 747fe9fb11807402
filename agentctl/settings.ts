import { readFileSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { parseDocument } from 'yaml'
import { z } from 'zod'
import { PgherdError, messageOf, systemCodeOf } from '../common/errors.ts'
import { isLoopbackHost } from './loopback.ts'

/** How the collector is reached, who asks, and with which key commands are signed. */
export interface Settings {
  /** Without a slash at its end. */
  readonly collector: string
  /** The bearer token; undefined where none is needed. */
  readonly token: string | undefined
  /** PEM text of the authority to trust instead of the system's. */
  readonly ca: string | undefined
  /** The operator's private key. */
  readonly keyFile: string
  /** Where each value came from, for `agentctl config`. */
  readonly origins: Readonly<Record<SettingName, string>>
}

export const settingNames = ['collector', 'token_file', 'ca_file', 'key_file'] as const
export type SettingName = (typeof settingNames)[number]
export type GivenSettings = { readonly [name in SettingName]?: string | undefined }
type Environment = Readonly<Record<string, string | undefined>>

const file = z.strictObject({
  collector: z.string().optional(),
  token_file: z.string().optional(),
  ca_file: z.string().optional(),
  key_file: z.string().optional(),
})

/** Directory of the settings, the token and the key: $XDG_CONFIG_HOME/pgherd or ~/.config/pgherd. */
export function settingsDirectory(environment: Environment): string {
  const base = environment['XDG_CONFIG_HOME']
  return join(base === undefined || base === '' ? join(homedir(), '.config') : base, 'pgherd')
}

export function settingsFile(environment: Environment): string {
  return join(settingsDirectory(environment), 'agentctl.yaml')
}

/** @throws PgherdError CONFIG_INVALID for a file that cannot be read or has other keys */
export function readSettingsFile(environment: Environment): GivenSettings {
  const path = settingsFile(environment)
  const text = readOptional(path)
  if (text === undefined) return {}
  const document = parseDocument(text)
  const parsed = document.errors.length > 0 ? undefined : file.safeParse(document.toJS() ?? {})
  if (parsed?.success === true) return parsed.data
  const why = document.errors[0]?.message.split('\n')[0] ?? parsed?.error.issues[0]?.message ?? ''
  throw new PgherdError('CONFIG_INVALID', `${path}: ${why}; allowed: ${settingNames.join(', ')}`)
}

const defaultCollector = 'http://127.0.0.1:8432'
export const allowedUrl = 'an http:// or https:// URL without ? and #'

/**
 * A flag wins over its environment variable, that over the settings file, that over the default.
 * @throws PgherdError CONFIG_INVALID or USAGE
 */
export function resolveSettings(flags: GivenSettings, environment: Environment): Settings {
  const fromFile = readSettingsFile(environment)
  const directory = settingsDirectory(environment)
  const origins: Record<SettingName, string> = { collector: '', token_file: '', ca_file: '', key_file: '' }
  const pick = (name: SettingName, variable: string, fallback: string | undefined): string | undefined => {
    const candidates = [
      [flags[name], `--${name.replace('_', '-')}`],
      [environment[variable], `$${variable}`],
      [fromFile[name], settingsFile(environment)],
      [fallback, 'default'],
    ] as const
    const found = candidates.find(([value]) => value !== undefined && value !== '')
    origins[name] = found?.[1] ?? 'not set'
    return found?.[0]
  }
  const given = pick('collector', 'PGHERD_COLLECTOR_URL', defaultCollector) ?? defaultCollector
  if (!isUsableUrl(given)) {
    throw new PgherdError('USAGE', `${origins.collector} is "${given}"; allowed: ${allowedUrl}`)
  }
  const collector = given.replace(/\/+$/, '')
  const inEnvironment = environment['PGHERD_TOKEN']
  const tokenFile = pick('token_file', 'PGHERD_TOKEN_FILE', join(directory, 'token'))
  const caFile = pick('ca_file', 'PGHERD_CA_FILE', join(directory, 'ca.pem'))
  const keyFile = pick('key_file', 'PGHERD_KEY_FILE', join(directory, 'operator.key')) ?? ''
  const optional = (path: string | undefined, name: SettingName): string | undefined =>
    path === undefined ? undefined : origins[name] === 'default' ? readOptional(path) : readNamed(path)
  const useToken = inEnvironment === undefined || inEnvironment === ''
  if (!useToken) origins.token_file = '$PGHERD_TOKEN'
  const token = useToken ? optional(tokenFile, 'token_file')?.split('\n', 1)[0]?.trim() : inEnvironment
  if (useToken && token !== undefined && tokenFile !== undefined) refuseIfOpenToOthers(tokenFile, 'token')
  if (token !== undefined && token !== '' && collector.startsWith('http:') && !isLoopbackHost(collector)) {
    throw new PgherdError(
      'USAGE',
      `the token would be sent in clear text to ${collector}; allowed: https://, or http:// on this machine`,
    )
  }
  return {
    collector,
    token: token === '' ? undefined : token,
    ca: optional(caFile, 'ca_file'),
    keyFile,
    origins,
  }
}

/** Whether it can be the collector's address: what `allowedUrl` says. */
export function isUsableUrl(given: string): boolean {
  return /^https?:\/\/[^?#]+$/.test(given) && URL.canParse(given)
}

function readOptional(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT' || systemCodeOf(error) === 'ENOTDIR') return undefined
    throw new PgherdError('CONFIG_INVALID', `cannot read ${path}: ${messageOf(error)}`, { cause: error })
  }
}

function readNamed(path: string): string {
  const text = readOptional(path)
  if (text === undefined) throw new PgherdError('CONFIG_INVALID', `cannot read ${path}: it does not exist`)
  return text
}

/**
 * A secret that others may have read is not used, as ssh does with keys. What is no regular file, such as the pipe of
 * `<(pass pgherd)`, is let through.
 * @throws PgherdError REFUSED with what to do
 */
export function refuseIfOpenToOthers(path: string, secret: 'token' | 'passphrase'): void {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (stats === undefined || !stats.isFile() || (stats.mode & 0o077) === 0) return
  const mode = (stats.mode & 0o777).toString(8)
  throw new PgherdError(
    'REFUSED',
    `${path} has mode ${mode}, so others may have read the ${secret}: chmod 600 ${path}, and replace it if they are not trusted`,
  )
}
