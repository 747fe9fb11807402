import type { SampleMemory } from '../../../common/series/samples.ts'

/** Large arrays of samples that one query after the other uses. */
export interface SamplePool {
  open(): BorrowedMemory
}

export interface BorrowedMemory extends SampleMemory {
  /** Gives back what was taken. Only when nothing looks at it, or writes to it, any more. */
  giveBack(): void
}

/** 8 MiB are kept, enough for an hour of 2,000 series: memory that the system has to give anew costs more than to fill it. */
const mostElements = 1 << 20

export function createSamplePool(): SamplePool {
  const free: Float64Array[] = []
  let elements = 0
  return {
    open() {
      let taken: Float64Array[] = []
      return {
        take(length) {
          const last = free.at(-1)
          let array: Float64Array
          if (last?.length === length) {
            array = last
            free.pop()
            elements -= length
          } else array = new Float64Array(length)
          taken.push(array)
          return array
        },
        giveBack() {
          for (const array of taken) {
            if (elements + array.length > mostElements) break
            free.push(array)
            elements += array.length
          }
          taken = []
        },
      }
    },
  }
}
