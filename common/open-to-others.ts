import { stat } from 'node:fs/promises'

/**
 * Whether others than its owner may read or write a file with a secret. False where that cannot be told: reading it will
 * say why.
 */
export async function isOpenToOthers(path: string): Promise<boolean> {
  try {
    const { mode } = await stat(path)
    return (mode & 0o077) !== 0
  } catch {
    return false
  }
}
