import type { LabelSet } from '../../common/series/label-set.ts'

/** Whose a series is, by its identity labels; empty where it has none. */
export interface SeriesOwner {
  readonly ins: string
  readonly cls: string
}

/** Whether a sender may write series of an owner. Asked once per run of series of one owner. */
export type MayWrite = (owner: SeriesOwner) => boolean

export interface SeriesOwners {
  /** The same object for the same labels, so that comparing is by identity. */
  of(labels: LabelSet): SeriesOwner
}

/** More than a fleet has; whoever invents names makes it forget, which costs a new object each. */
const maxOwners = 50_000

export function createSeriesOwners(): SeriesOwners {
  let known = new Map<string, SeriesOwner>()
  return {
    of(labels) {
      let ins = ''
      let cls = ''
      for (let i = 0; i < labels.length; i += 2) {
        if (labels[i] === 'ins') ins = labels[i + 1]!
        else if (labels[i] === 'cls') cls = labels[i + 1]!
      }
      const key = `${cls}\0${ins}`
      let owner = known.get(key)
      if (owner === undefined) {
        if (known.size >= maxOwners) known = new Map()
        known.set(key, (owner = { ins, cls }))
      }
      return owner
    },
  }
}

/** Remembers the last answer: the series of one owner follow each other. */
export function rememberLast(mayWrite: MayWrite): MayWrite {
  let last: SeriesOwner | undefined
  let answer = false
  return (owner) => {
    if (owner !== last) {
      answer = mayWrite(owner)
      last = owner
    }
    return answer
  }
}
