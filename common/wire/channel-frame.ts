import { z } from 'zod'
import { channelMaxBytes } from './channel.ts'

/** What a WebSocket frame turned out to be. */
export type Frame<Message> =
  | { readonly kind: 'message'; readonly message: Message }
  /** A message of a type this side does not know: the other side may be newer. */
  | { readonly kind: 'unknown'; readonly type: string }
  | { readonly kind: 'bad'; readonly reason: string }

const anyMessage = z.object({ type: z.string().min(1).max(64) })

/**
 * Reads one frame of the channel. It never throws: what comes over the wire is never a reason to crash.
 * @param text the payload of a text frame; undefined for a binary one, which is never a message
 */
export function readFrame<Message extends { readonly type: string }>(
  text: string | undefined,
  schema: z.ZodDiscriminatedUnion & z.ZodType<Message>,
): Frame<Message> {
  if (text === undefined) return { kind: 'bad', reason: 'not a text frame' }
  if (text.length > channelMaxBytes) return { kind: 'bad', reason: 'too large' }
  let content: unknown
  try {
    content = JSON.parse(text)
  } catch {
    return { kind: 'bad', reason: 'not JSON' }
  }
  const typed = anyMessage.safeParse(content)
  if (!typed.success) return { kind: 'bad', reason: 'no message type' }
  const { type } = typed.data
  const known = schema.options.some((option) => knowsType(option, type))
  if (!known) return { kind: 'unknown', type }
  const parsed = schema.safeParse(content)
  if (parsed.success) return { kind: 'message', message: parsed.data }
  return { kind: 'bad', reason: `a malformed ${type} message` }
}

function knowsType(option: unknown, type: string): boolean {
  if (!(option instanceof z.ZodObject)) return false
  const literal: unknown = option.shape['type']
  return literal instanceof z.ZodLiteral && literal.values.has(type)
}
