import { z } from 'zod'

/** What is missing is read as an empty object, whose own defaults then count. */
export function orDefaults<T extends z.ZodType>(schema: T): z.ZodType<z.output<T>> {
  return z.preprocess((value) => value ?? {}, schema)
}
