import { X509Certificate, createPrivateKey } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { PgherdError, messageOf } from '../../../common/errors.ts'
import type { KeyAndCertificate } from './authority.ts'

/**
 * A certificate that the operator provides, with its chain; its last is what agents are to trust.
 * @param caFile is appended to the chain
 * @throws PgherdError CONFIG_INVALID for files that are of no use
 */
export async function readOwnCertificate(
  certificateFile: string,
  keyFile: string,
  caFile: string | undefined,
): Promise<KeyAndCertificate> {
  const chain = await read(certificateFile)
  const key = await read(keyFile)
  const certificate = `${chain}${caFile === undefined ? '' : await read(caFile)}`
  try {
    if (!new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key))) {
      throw new Error('the key is not that of the certificate')
    }
    lastOf(certificate)
  } catch (error) {
    throw new PgherdError(
      'CONFIG_INVALID',
      `${certificateFile} and ${keyFile} are of no use: ${messageOf(error)}`,
      { cause: error },
    )
  }
  return { certificate, key }
}

/** The last certificate of a chain, PEM. */
export function lastOf(chain: string): string {
  return new X509Certificate(chain.slice(chain.lastIndexOf('-----BEGIN CERTIFICATE-----'))).toString()
}

async function read(file: string): Promise<string> {
  try {
    return `${(await readFile(file, 'utf8')).trimEnd()}\n`
  } catch (error) {
    throw new PgherdError('CONFIG_INVALID', `${file} cannot be read: ${messageOf(error)}`, { cause: error })
  }
}
