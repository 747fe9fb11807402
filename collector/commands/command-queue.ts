import type { Clock } from '../../common/clock.ts'
import { PgherdError, messageOf } from '../../common/errors.ts'
import { signedCommand } from '../../common/command/signed-command.ts'
import type { CommandSignature, SignedCommand } from '../../common/command/signed-command.ts'
import type { sentCommand } from '../../common/command/command-view.ts'
import type { CommandPayload } from '../../common/command/payload.ts'
import type { z } from 'zod'
import type { CommandBook } from './command-book.ts'
import { approvedFact, requestedFact } from './command-facts.ts'
import type { CommandStore } from './command-store.ts'
import type { Journal } from './journal.ts'
import { readPayload } from './read-command.ts'
import type { StoredCommand } from './stored-command.ts'

export type SentCommand = z.infer<typeof sentCommand>

export interface SendRequest {
  readonly commands: readonly SignedCommand[]
  readonly signaturesNeeded: number
  /** Name of the token that brought them. */
  readonly requestedBy: string
}

/** Where commands of operators come in. Nothing here judges them: that is up to each agent. */
export interface CommandQueue {
  /** Keeps commands and sends them on; each is answered for itself. @throws PgherdError when none of them can be kept */
  send(request: SendRequest): Promise<SentCommand[]>
  /** Adds a second operator's signature. @throws PgherdError NOT_FOUND, REFUSED */
  approve(id: string, signature: CommandSignature, by: string): Promise<void>
}

export interface CommandQueueOptions {
  readonly clock: Clock
  readonly store: CommandStore
  readonly book: CommandBook
  readonly journal: Journal
  readonly isKnownNode: (node: string) => boolean
  readonly onQueued: (node: string) => void
}

interface Accepted {
  readonly command: StoredCommand
  readonly payload: CommandPayload
  readonly signed: SignedCommand
}

const maxSignatures = 4

export function createCommandQueue(options: CommandQueueOptions): CommandQueue {
  const { clock, store, book, journal } = options
  /** Ids that are being stored: the same one must not come in twice at the same time. */
  const reserved = new Set<string>()
  /** By node, how many of them: requests that come at the same time share one bound. */
  const reservedOf = new Map<string, number>()
  const reserve = (id: string, node: string) => {
    reserved.add(id)
    reservedOf.set(node, (reservedOf.get(node) ?? 0) + 1)
  }
  const release = (id: string, node: string) => {
    reserved.delete(id)
    const left = (reservedOf.get(node) ?? 0) - 1
    if (left > 0) reservedOf.set(node, left)
    else reservedOf.delete(node)
  }

  const known = (signed: SignedCommand, id: string): SentCommand | undefined => {
    const row = store.read(id)
    if (row === undefined) return undefined
    const { payload } = signedCommand.parse(JSON.parse(row.signed))
    if (payload !== signed.payload) return refused(id, 'another command has this id')
    return { id, state: (book.get(id) ?? row.command).state, error: null }
  }
  const judge = (signed: SignedCommand, request: SendRequest): SentCommand | Accepted => {
    const nowMs = clock.now()
    const reading = readPayload(signed.payload, nowMs)
    if (!reading.ok) return refused(reading.id, reading.problem)
    const { payload } = reading
    const { id, node } = payload
    if (reserved.has(id)) return refused(id, 'this id is being stored already')
    const earlier = known(signed, id)
    if (earlier !== undefined) return earlier
    if (!options.isKnownNode(node)) return refused(id, `no node is called "${node}"`)
    try {
      book.requireRoom(node, (reservedOf.get(node) ?? 0) + 1, reserved.size + 1)
    } catch (error) {
      return refused(id, messageOf(error))
    }
    const command: StoredCommand = {
      id,
      node,
      kind: payload.kind,
      state: signersOf(signed.signatures) >= request.signaturesNeeded ? 'queued' : 'held',
      version: book.nextVersion(),
      signaturesNeeded: request.signaturesNeeded,
      requestedBy: request.requestedBy,
      queuedMs: nowMs,
      expiresMs: payload.expires_ms,
      deadlineMs: payload.deadline_ms,
      deliveredMs: null,
      startedMs: null,
      finishedMs: null,
    }
    return { command, payload, signed }
  }

  return {
    async send(request) {
      const accepted: Accepted[] = []
      const answers: SentCommand[] = []
      try {
        for (const signed of request.commands) {
          const judged = judge(signed, request)
          if (!('command' in judged)) answers.push(judged)
          else {
            const { id, node, state } = judged.command
            reserve(id, node)
            accepted.push(judged)
            answers.push({ id, state, error: null })
          }
        }
        await keep(accepted, request.requestedBy)
      } finally {
        for (const { command } of accepted) release(command.id, command.node)
      }
      for (const node of new Set(accepted.map(({ command }) => command.node))) options.onQueued(node)
      return answers
    },
    async approve(id, signature, by) {
      const row = store.read(id)
      if (row === undefined) throw new PgherdError('NOT_FOUND', `there is no command ${id}`)
      const command = book.get(id)
      if (command?.state !== 'held' || command.ending || reserved.has(id)) {
        const state = (command ?? row.command).state
        throw new PgherdError('REFUSED', `the command waits for no signature, it is ${state}`)
      }
      const { payload, signatures } = signedCommand.parse(JSON.parse(row.signed))
      if (signatures.some(({ key }) => key === signature.key)) {
        throw new PgherdError('REFUSED', `the key ${signature.key} has signed the command already`)
      }
      if (signatures.length >= maxSignatures) {
        throw new PgherdError('REFUSED', `the command has ${signatures.length} signatures already`)
      }
      const signed = { payload, signatures: [...signatures, signature] }
      const state = signersOf(signed.signatures) >= command.signaturesNeeded ? 'queued' : 'held'
      reserved.add(id)
      try {
        await journal.add({
          facts: [approvedFact(command, signature.key, by)],
          write() {
            store.setSigned(id, JSON.stringify(signed))
            store.update({ ...command, state })
          },
        })
      } finally {
        reserved.delete(id)
      }
      command.state = state
      book.changed(command)
      options.onQueued(command.node)
    },
  }

  async function keep(accepted: readonly Accepted[], requestedBy: string): Promise<void> {
    if (accepted.length === 0) return
    await journal.add({
      facts: accepted.map(({ payload, signed }) =>
        requestedFact(
          payload,
          signed.signatures.map(({ key }) => key),
          requestedBy,
        ),
      ),
      write() {
        for (const { command, signed } of accepted) store.insert(command, JSON.stringify(signed))
      },
    })
    for (const { command } of accepted) {
      book.add(command)
      book.announce(command.id)
    }
  }
}

function refused(id: string | null, error: string): SentCommand {
  return { id, state: null, error }
}

/** One key that signs twice is one operator. */
function signersOf(signatures: readonly CommandSignature[]): number {
  return new Set(signatures.map(({ key }) => key)).size
}
