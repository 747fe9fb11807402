/** Something that was broken and can be mended; mending twice does nothing. */
export interface Fault extends AsyncDisposable {
  /** Unix time in milliseconds at which it was in force. */
  readonly at: number
  heal(): Promise<void>
}

/** @param mend makes it good again, at most once */
export function fault(mend: () => Promise<void> | void): Fault {
  let isMended = false
  const made: Fault = {
    at: Date.now(),
    async heal() {
      if (isMended) return
      isMended = true
      await mend()
    },
    [Symbol.asyncDispose]: () => made.heal(),
  }
  return made
}
