import { basename } from 'node:path'
import { blockSuffix } from '../files.ts'
import type { Block } from './block.ts'

/**
 * Whether a block is called what its footer says. One that is not was put there by someone else: a block that is
 * merged later could take its name.
 */
export function hasItsName({ path, footer }: Block): boolean {
  const { startMs, windowMs, lowestGeneration, generation, windows } = footer
  const second = windows.every((window) => window.windowMs === windowMs) ? lowestGeneration : windowMs
  return basename(path) === `${startMs}-${second}-${generation}${blockSuffix}`
}
