import type { Detail } from './detail.ts'

/** What is asked at the moment of an advice, by the names that rules know it by; a line each. */
export const details = {} satisfies Readonly<Record<string, Detail<unknown>>>

/** What was told; what is missing could not be. */
export type Details = {
  readonly [Name in keyof typeof details]?: (typeof details)[Name] extends Detail<infer T> ? T : never
}
