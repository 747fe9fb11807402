/** Work on one server goes one after the other, whoever asks for it. */
export type Turns = <T>(server: string, work: () => Promise<T>) => Promise<T>

export function createTurns(): Turns {
  const last = new Map<string, Promise<unknown>>()
  return (server, work) => {
    const before = last.get(server) ?? Promise.resolve()
    const result = before.then(work, work)
    const settled = result.then(
      () => undefined,
      () => undefined,
    )
    last.set(server, settled)
    void settled.then(() => {
      if (last.get(server) === settled) last.delete(server)
    })
    return result
  }
}
