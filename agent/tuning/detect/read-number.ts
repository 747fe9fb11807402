import type { KernelFiles } from '../../../common/kernel/kernel-files.ts'

/** The number that a file holds; undefined where there is none, or a word such as `max`. */
export function readNumber(files: KernelFiles, path: string): number | undefined {
  const text = files.value(path)
  return text !== undefined && /^-?\d+$/.test(text) ? Number(text) : undefined
}
