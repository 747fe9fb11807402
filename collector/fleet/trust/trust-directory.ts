import { existsSync, rmSync } from 'node:fs'
import { readFile, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { PgherdError, messageOf } from '../../../common/errors.ts'
import { lockDirectory } from '../../../common/lock-directory.ts'
import { makeDirectory } from '../../../common/make-directory.ts'
import { isOpenToOthers } from '../../../common/open-to-others.ts'
import { syncDirectory } from '../../../common/spool/file-operations.ts'
import { writeFileDurably } from '../../../common/write-file-durably.ts'
import { createAuthority, openAuthority } from './authority.ts'
import type { Authority, KeyAndCertificate } from './authority.ts'

/** All files of it are for the owner only. */
const secretMode = 0o600

const authorityKey = 'ca.key'
const authorityCertificate = 'ca.pem'
/** Key and certificates in one file, so that they change at the same moment. */
const serverFile = 'server.pem'

/** Whether `pgherd-collector init` has run. */
export function hasTrust(directory: string): boolean {
  return existsSync(directory)
}

/**
 * Makes the authority and the first server certificate. Everything is made beside the directory, which then gets its name in
 * one step: whenever it is killed, there is nothing or all of it.
 * @param beforeItCounts is the last that can fail
 * @throws PgherdError REFUSED where there is one already, DIRECTORY_LOCKED while another process does the same
 */
export async function createTrust(
  directory: string,
  {
    names,
    nowMs,
    beforeItCounts,
  }: {
    readonly names: readonly string[]
    readonly nowMs: number
    readonly beforeItCounts: () => Promise<void>
  },
): Promise<Authority> {
  const unfinished = `${directory}.unfinished`
  makeDirectory(dirname(directory))
  makeDirectory(unfinished)
  using stack = new DisposableStack()
  stack.use(await lockDirectory(unfinished))
  if (hasTrust(directory)) {
    rmSync(unfinished, { recursive: true })
    throw new PgherdError(
      'REFUSED',
      `${directory} exists already, and the agents trust what is in it: nothing has been changed`,
    )
  }
  const made = await createAuthority(nowMs)
  const authority = openAuthority(made)
  await writeFileDurably(join(unfinished, authorityKey), made.key, secretMode)
  await writeFileDurably(join(unfinished, authorityCertificate), made.certificate, secretMode)
  await writeServer(unfinished, await authority.issueServer(names, nowMs))
  await beforeItCounts()
  try {
    await rename(unfinished, directory)
  } catch (error) {
    throw new PgherdError('DIRECTORY_UNUSABLE', `cannot create ${directory}: ${messageOf(error)}`, {
      cause: error,
    })
  }
  await syncDirectory(dirname(directory))
  for (const file of ['lock', 'owner']) rmSync(join(directory, file), { force: true })
  return authority
}

/** Files with keys that others than their owner may read, by their paths. */
export async function openKeys(directory: string): Promise<readonly string[]> {
  const found: string[] = []
  for (const path of [join(directory, authorityKey), join(directory, serverFile)]) {
    if (await isOpenToOthers(path)) found.push(path)
  }
  return found
}

/** @throws PgherdError STORE_CORRUPT */
export async function readAuthority(directory: string): Promise<Authority> {
  try {
    return openAuthority({
      key: await readFile(join(directory, authorityKey), 'utf8'),
      certificate: await readFile(join(directory, authorityCertificate), 'utf8'),
    })
  } catch (error) {
    throw new PgherdError(
      'STORE_CORRUPT',
      `the authority of the fleet in ${directory} cannot be read: ${messageOf(error)}`,
      { cause: error },
    )
  }
}

export async function writeServer(directory: string, { key, certificate }: KeyAndCertificate): Promise<void> {
  await writeFileDurably(join(directory, serverFile), `${key}${certificate}`, secretMode)
}

/** Undefined where the file is missing or damaged: the authority can make another. */
export async function readServer(directory: string): Promise<KeyAndCertificate | undefined> {
  const text = await readFile(join(directory, serverFile), 'utf8').catch(() => '')
  const begin = text.indexOf('-----BEGIN CERTIFICATE-----')
  return begin <= 0 ? undefined : { key: text.slice(0, begin), certificate: text.slice(begin) }
}
