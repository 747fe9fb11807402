import { stat } from 'node:fs/promises'

/** Such as `/data/pg.before-20261127T110000Z`. */
export function beside(data: string, word: 'before' | 'restored', atMs: number): string {
  return `${data}.${word}-${new Date(atMs).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`
}

/** Device and inode of a directory; undefined where there is none. */
export async function inodeOf(path: string): Promise<string | undefined> {
  try {
    const { dev, ino } = await stat(path, { bigint: true })
    return `${dev}:${ino}`
  } catch {
    return undefined
  }
}
