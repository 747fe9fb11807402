import { readFile } from 'node:fs/promises'
import { PgherdError, messageOf, systemCodeOf } from './errors.ts'
import type { TlsFiles } from './http-client.ts'

/** How one side of an HTTP exchange says who it is. Secrets are in files, so that they can change while we run. */
export interface HttpCredentials {
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly basicAuth?: { readonly username: string; readonly passwordFile: string } | undefined
  readonly bearerTokenFile?: string | undefined
}

/** PEM files for https. */
export interface TlsPaths {
  /** Whom to trust instead of the system's authorities. */
  readonly caFile?: string | undefined
  /** Who we are. */
  readonly certFile?: string | undefined
  readonly keyFile?: string | undefined
}

/**
 * The headers of a request, the files read now; the first line of each counts.
 * @throws PgherdError CONFIG_INVALID for a file that cannot be read
 */
export async function credentialHeaders(
  credentials: HttpCredentials,
): Promise<Readonly<Record<string, string>>> {
  const { headers, basicAuth, bearerTokenFile } = credentials
  if (basicAuth !== undefined) {
    const secret = `${basicAuth.username}:${await firstLine(basicAuth.passwordFile)}`
    return { ...headers, authorization: `Basic ${Buffer.from(secret).toString('base64')}` }
  }
  if (bearerTokenFile === undefined) return headers ?? {}
  return { ...headers, authorization: `Bearer ${await firstLine(bearerTokenFile)}` }
}

/** @throws PgherdError CONFIG_INVALID for a file that cannot be read */
export async function readTlsFiles(paths: TlsPaths): Promise<TlsFiles> {
  const read = async (path: string | undefined): Promise<string | undefined> =>
    path === undefined ? undefined : readText(path)
  const [ca, cert, key] = await Promise.all([read(paths.caFile), read(paths.certFile), read(paths.keyFile)])
  return { ca, cert, key }
}

async function firstLine(path: string): Promise<string> {
  return (await readText(path)).split('\n', 1)[0]!.trimEnd()
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const reason = systemCodeOf(error) ?? messageOf(error)
    throw new PgherdError('CONFIG_INVALID', `cannot read ${path}: ${reason}`, { cause: error })
  }
}
