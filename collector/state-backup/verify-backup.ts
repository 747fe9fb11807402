import { lstat } from 'node:fs/promises'
import { join } from 'node:path'
import { PgherdError, messageOf, systemCodeOf } from '../../common/errors.ts'
import { hashFile } from './copy-file.ts'
import { databaseDamage } from './database-damage.ts'
import { readManifest } from './manifest.ts'
import type { Manifest } from './manifest.ts'

/**
 * Reads every byte of a backup and compares it with its checksums, and has each database check itself.
 * @param report is told of each damage
 * @returns what the backup has, and the count of damages
 * @throws PgherdError of readManifest
 */
export async function verifyBackup(
  backup: string,
  report: (line: string) => void,
): Promise<{ readonly manifest: Manifest; readonly damages: number }> {
  const manifest = await readManifest(backup)
  let damages = 0
  for (const { path, bytes, sha256 } of manifest.files) {
    const damage = await damageOf(join(backup, path), bytes, sha256)
    if (damage === undefined) continue
    damages++
    report(`${join(backup, path)}: ${damage}`)
  }
  return { manifest, damages }
}

/** @throws PgherdError STORE_CORRUPT, after each damage was reported */
export async function requireSoundBackup(backup: string, report: (line: string) => void): Promise<Manifest> {
  const { manifest, damages } = await verifyBackup(backup, report)
  if (damages === 0) return manifest
  throw new PgherdError('STORE_CORRUPT', `${damages} files of the backup ${backup} are damaged or missing`)
}

async function damageOf(path: string, bytes: number, sha256: string): Promise<string | undefined> {
  try {
    // A pipe or a device in its place would be read forever.
    const found = await lstat(path)
    if (!found.isFile()) return 'it is no file of its own'
    if (found.size !== bytes) return `it has ${found.size} bytes and should have ${bytes}`
    if ((await hashFile(path)).sha256 !== sha256) return 'it fails its checksum'
    return path.endsWith('.sqlite') ? databaseDamage(path) : undefined
  } catch (error) {
    return systemCodeOf(error) === 'ENOENT' ? 'it is missing' : messageOf(error)
  }
}
